"""Work that a run asks the queue for, and the ends of such work. Immutable values."""

import msgspec

from chartly.v1 import common_pb2
from chartly.v1 import coordinator_pb2 as pb

from .counts import RunCounts

INTERNAL = "INTERNAL"
"""Reason of a failure that gave none, and of an outcome that can't be read."""


class OutcomeMalformed(ValueError):
    """A drone's outcome is not what its task asks for. Stays within the domain: the step fails with INTERNAL."""


class WantedWork(msgspec.Struct, frozen=True):
    """A work item that the run asks for; the queue identifies it by its key."""

    work_key: str
    step: str
    source_id: str
    task: pb.WorkTask
    data_bytes: int = 0

    @property
    def kind(self) -> str:
        """The kind of the task; empty for work that was stored without one."""
        return self.task.WhichOneof("task") or ""


class EndedWork(msgspec.Struct, frozen=True):
    """A work item that ended, as the coordinator lists it."""

    work_key: str
    step: str
    state: str
    """``completed``, ``failed`` or ``cancelled``."""
    outcome: pb.WorkOutcome = msgspec.field(default_factory=pb.WorkOutcome)
    reason: str = ""
    message: str = ""


class DeadLetter(msgspec.Struct, frozen=True):
    """Work that a run did not finish, and why: it failed for good, or it was open when the run ended."""

    wanted: WantedWork
    reason: str
    message: str
    dead: bool
    """False for work that was merely open when the run ended."""


def checked_kind(work: EndedWork, kind: str) -> pb.WorkOutcome:
    """Return the outcome, if it is of the kind that the step asked for.

    Raises:
        OutcomeMalformed: it is of another kind, or there is none.
    """
    found = work.outcome.WhichOneof("outcome")
    if found != kind:
        raise OutcomeMalformed(f"it is an outcome of {found or 'no kind'}, the task was {kind}")
    return work.outcome


def checked_counts(counts: common_pb2.RecordCounts) -> RunCounts:
    """Return counts that account for every record.

    Raises:
        OutcomeMalformed: they leave a record out.
    """
    read = RunCounts.of(counts)
    if not read.balanced:
        raise OutcomeMalformed("records_in is not canonical + duplicates + quarantined + replayed")
    return read
