"""The states of a run and of a step, and the one table of their transitions. Every change of a state goes through ``move``."""

from enum import StrEnum
from types import MappingProxyType

from chartly.orchestrator.errors import IllegalTransition


class RunState(StrEnum):
    """The state of a run or a step. SUCCEEDED, FAILED, QUARANTINED and CANCELLED are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether no other state follows."""
        return not TRANSITIONS[self]

    @property
    def broken(self) -> bool:
        """Whether it ended without doing all of its work."""
        return self in (RunState.FAILED, RunState.CANCELLED)


TRANSITIONS: "MappingProxyType[RunState, frozenset[RunState]]" = MappingProxyType(
    {
        RunState.QUEUED: frozenset({RunState.RUNNING, RunState.FAILED, RunState.QUARANTINED, RunState.CANCELLED}),
        RunState.RUNNING: frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.QUARANTINED, RunState.CANCELLED}),
        RunState.SUCCEEDED: frozenset(),
        RunState.FAILED: frozenset(),
        RunState.QUARANTINED: frozenset(),
        RunState.CANCELLED: frozenset(),
    }
)
"""A step goes from QUEUED to QUARANTINED when it never begins, because a step that it depends on is quarantined."""


def move(before: RunState, after: RunState) -> RunState:
    """Return ``after``, if the table allows the change.

    Raises:
        IllegalTransition: the table does not allow it.
    """
    if after not in TRANSITIONS[before]:
        raise IllegalTransition(before.value, after.value)
    return after
