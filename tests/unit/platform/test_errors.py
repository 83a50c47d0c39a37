"""Errors with facts."""

import contextlib
import dataclasses
import pickle
import re
from collections.abc import Generator
from pathlib import Path

import pytest

import chartly.platform
from chartly.platform.errors import FieldViolation, InvalidRequest, NotFound, ResourceExhausted, Violations, error
from chartly.v1 import error_reason_pb2

PACKAGE = Path(chartly.platform.__file__).parent.parent


@error(reason="RUN_UNKNOWN")
class RunMissing(NotFound):
    """No run has this id in the project.

    What follows the first line is for readers of the code.
    """

    run_id: str
    hint: str | None = None


@error(reason="QUEUE_FULL")
class QueueAtBound(ResourceExhausted):
    """The queue is at its bound."""

    items_max: int


def test_message_is_the_first_line_and_the_facts() -> None:
    """A message is the docstring's first line with the facts; unset facts are left out."""
    assert str(RunMissing("r1")) == "No run has this id in the project (run_id=r1)"


def test_facts_are_text_and_leave_out_what_has_a_place_of_its_own() -> None:
    """The time to retry is sent as RetryInfo and is not a fact."""
    failure = QueueAtBound(10, retry_after_s=2.5)

    assert failure.facts() == {"items_max": "10"}
    assert failure.retry_after_s == 2.5


def test_facts_cannot_be_changed() -> None:
    """Facts can't be changed after the error is created."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        RunMissing("r1").run_id = "r2"  # type: ignore[misc]


def test_error_passes_through_a_context_manager() -> None:
    """Contextlib can set the traceback of an error with frozen facts."""

    @contextlib.contextmanager
    def block() -> Generator[None]:
        yield

    with pytest.raises(RunMissing), block():
        raise RunMissing("r1")


def test_error_survives_pickling() -> None:
    """Errors keep their facts through pickle, which Ray uses."""
    failure = pickle.loads(pickle.dumps(QueueAtBound(10, retry_after_s=2.5)))  # noqa: S301 - our own bytes

    assert (failure.items_max, failure.retry_after_s, str(failure)) == (10, 2.5, "The queue is at its bound (items_max=10)")


def test_all_violations_are_raised_at_once() -> None:
    """All violations of a request are raised in one error."""
    wrong = Violations()
    wrong.require("name", present="")
    wrong.require("kind", present="x")
    wrong.add("size", "must be above 0")

    with pytest.raises(InvalidRequest) as refused:
        wrong.raise_if_any()

    assert refused.value.violations == (FieldViolation("name", "is required"), FieldViolation("size", "must be above 0"))


def test_every_reason_in_the_code_is_in_the_proto() -> None:
    """Each reason of an error class is in the proto's enum."""
    used = {
        reason
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "v1"
        for reason in re.findall(r'@(?:error\(reason=|_status\(\d+, )"([A-Z_]+)"', path.read_text(encoding="utf-8"))
    }
    known = {name.removeprefix("REASON_") for name in error_reason_pb2.Reason.keys()}  # noqa: SIM118 - an enum, not a dict

    assert used - known == set()
