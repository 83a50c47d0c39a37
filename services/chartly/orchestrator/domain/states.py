"""The states of a run and of a step, and the one table of their transitions. Whoever changes a state comes through ``move``."""

from enum import StrEnum
from types import MappingProxyType

from chartly.orchestrator.errors import IllegalTransition


class RunState(StrEnum):
    """Where a run or a step stands. SUCCEEDED, FAILED, QUARANTINED and CANCELLED are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing follows."""
        return not TRANSITIONS[self]


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
"""A step is QUARANTINED from QUEUED when it is never begun, because what it waits for is quarantined."""


def move(before: RunState, after: RunState) -> RunState:
    """Give ``after`` when the table allows it.

    Raises:
        IllegalTransition: it does not.
    """
    if after not in TRANSITIONS[before]:
        raise IllegalTransition(before.value, after.value)
    return after
