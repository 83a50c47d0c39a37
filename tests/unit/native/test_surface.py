"""What `chartly.native` is to its callers: the names, the errors, and that other threads run meanwhile."""

import pickle
import threading

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
    """A name that comes or goes is a decision, not an accident."""
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
    """Ray and process pools send errors by pickle; facts and text arrive."""
    again = pickle.loads(pickle.dumps(raised))  # noqa: S301 - our own bytes
    assert (type(again), vars(again), str(again)) == (type(raised), vars(raised), str(raised))


def test_other_threads_run_during_a_call() -> None:
    """A long call holds no GIL: a thread that counts makes progress while it lasts."""
    text = b"[" + b",".join([b'{"key": [1.5, "text", null]}'] * 400_000) + b"]"
    ticks, running = 0, True

    def count() -> None:
        nonlocal ticks
        while running:
            ticks += 1

    thread = threading.Thread(target=count)
    thread.start()
    while ticks == 0:
        pass
    before = ticks
    native.parse_check(text)
    during = ticks - before
    running = False
    thread.join()
    assert during > 0
