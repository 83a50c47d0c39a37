"""The interface of `chartly.native`: names, errors, and the release of the GIL."""

import itertools
import pickle
import threading
import time
from collections.abc import Callable

import pytest

from chartly import native
from chartly.native import errors

NAMES = {
    "ContentHash",
    "Contract",
    "ContractError",
    "DedupeIndex",
    "Deduped",
    "DepthExceeded",
    "IS_RELEASE",
    "IndexDamaged",
    "IndexLocked",
    "IndexPoisoned",
    "IndexRefused",
    "IndexStale",
    "IndexUnusable",
    "InputUnusable",
    "MalformedJson",
    "NativeError",
    "NumberNotRepresentable",
    "Outcome",
    "OutputUnusable",
    "PathError",
    "Plan",
    "PlanError",
    "QueryTooExpensive",
    "Rebuild",
    "TooLarge",
    "Violation",
    "canonicalize",
    "count_elements",
    "dedupe",
    "digest",
    "digest_many",
    "parse_check",
    "query",
    "run_files",
}


def test_exports_exactly_these_names() -> None:
    """The exported names are exactly these."""
    assert set(native.__all__) == NAMES
    assert all(hasattr(native, name) for name in NAMES)


@pytest.mark.parametrize(
    "raised",
    [
        errors.MalformedJson(3, "trailing-text"),
        errors.DepthExceeded(9, 64),
        errors.PathError(1, "a name is expected"),
        errors.PlanError("profile", "/spec/mapping", "unknownKey", "no such key"),
        errors.ContractError("/properties", "schema", "is not valid"),
        errors.IndexStale(5, 4),
        errors.InputUnusable("sales.ndjson", "is gone"),
    ],
)
def test_errors_survive_pickling(raised: errors.NativeError) -> None:
    """Errors keep their attributes and text through pickle, as Ray and process pools need it."""
    again = pickle.loads(pickle.dumps(raised))  # noqa: S301 - our own bytes
    assert (type(again), vars(again), str(again)) == (type(raised), vars(raised), str(raised))


LONG_TEXT = b"[" + b",".join([b'{"key": [1.5, "text", null]}'] * 400_000) + b"]"


def ticks_in_the_middle_half(call: Callable[[], object]) -> int:
    """Count how often another thread runs between a quarter and three quarters of a call's time."""
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.wait(0.001):
            ticks.append(time.perf_counter())

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        begin = time.perf_counter()
        call()
        end = time.perf_counter()
    finally:
        done.set()
        thread.join()
    quarter = (end - begin) / 4
    return sum(begin + quarter <= at <= end - quarter for at in ticks)


def test_other_threads_run_during_a_call() -> None:
    """A long call releases the GIL: another thread runs in the middle of it."""
    # On a busy machine the other thread may get no core within one call; within a call that holds the GIL it never runs.
    assert any(ticks_in_the_middle_half(lambda: native.parse_check(LONG_TEXT)) for _ in range(10))


def test_a_call_that_holds_the_gil_is_detected() -> None:
    """The same measurement finds no other thread during a call that holds the GIL."""
    assert ticks_in_the_middle_half(lambda: sum(itertools.repeat(1, 20_000_000))) == 0
