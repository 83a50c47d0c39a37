"""Retry what a run did not finish: the new run's first transition, and the states of dead letters. Pure; it stores nothing.

The old run stays as it ended: its end is in the ledger. The new run has the old run's frozen profiles and steps, and of its work only what
is retried. Records that were committed before are replayed, never doubled, since commits are keyed by their chunk.
"""

from collections.abc import Sequence
from enum import StrEnum
from types import MappingProxyType

import msgspec

from chartly.orchestrator.errors import IllegalTransition

from . import advance
from .counts import RunCounts
from .run import Run, Transition
from .states import RunState
from .work import DeadLetter


class DeadLetterState(StrEnum):
    """The state of work that a run did not finish. RETRIED and DISCARDED are ends."""

    DEAD = "dead"
    """It failed for good, and waits for a person."""
    OPEN_AT_END = "left"
    """It was open when its run ended; only RetryRun repeats it."""
    RETRIED = "retried"
    DISCARDED = "discarded"


_TRANSITIONS = MappingProxyType(
    {
        DeadLetterState.DEAD: frozenset({DeadLetterState.RETRIED, DeadLetterState.DISCARDED}),
        DeadLetterState.OPEN_AT_END: frozenset({DeadLetterState.RETRIED}),
        DeadLetterState.RETRIED: frozenset[DeadLetterState](),
        DeadLetterState.DISCARDED: frozenset[DeadLetterState](),
    }
)
RETRIABLE = frozenset({RunState.FAILED, RunState.CANCELLED})
"""The ends of a run that RetryRun accepts. Quarantined records have a retry of their own."""


def move(before: DeadLetterState, after: DeadLetterState) -> DeadLetterState:
    """Return ``after``, if the table allows the change.

    Raises:
        IllegalTransition: the table does not allow it.
    """
    if after not in _TRANSITIONS[before]:
        raise IllegalTransition(before.value, after.value)
    return after


def check_retriable(run: Run) -> None:
    """Check that a run as a whole may be retried. A reprocess may not: start a new one, since it is done as a whole or not at all.

    Raises:
        IllegalTransition: the run hasn't ended, or ended well, or is a reprocess.
    """
    if run.state not in RETRIABLE or run.reprocess is not None:
        raise IllegalTransition(run.state.value, "retried")


def resolved(run: Run) -> bool:
    """Return whether the run's profiles were resolved. A run that failed before that has nothing frozen to retry."""
    return all(step.skipped or step.profile_hash for step in run.steps)


def outstanding(run: Run) -> bool:
    """Return whether a retry of the run has work in addition to the run's dead letters: a source to read on, or a rollup that never ran."""
    return any(step.outstanding for step in run.steps)


def retry_run(
    old: Run, chosen: Sequence[DeadLetter], *, whole: bool, run_id: str, principal: str, request_id: str, now_ms: int
) -> Transition:
    """Return the first transition of the run that retries the chosen work.

    Args:
        old: the run that left the work.
        chosen: the work to retry.
        whole: whether to read on sources that weren't read to their end.
        run_id: the id of the new run.
        principal: the principal that asked for the retry.
        request_id: the request in which it asked.
        now_ms: the time.
    """
    wanted = [each.wanted for each in chosen]
    run = msgspec.structs.replace(
        old,
        run_id=run_id,
        principal=principal,
        request_id=request_id,
        steps=tuple(step.retried(old, [each for each in wanted if each.step == step.name], whole=whole) for step in old.steps),
        created_at_ms=now_ms,
        state=RunState.QUEUED,
        counts=RunCounts(),
        reasons={},
        reason="",
        message="",
        started_at_ms=0,
        ended_at_ms=0,
        pages_open=0,
        revision=1,
        trigger=None,
        retry_of=old.run_id,
        dead={},
    )
    # These keys differ from those of a source's pages, which end in the sync's sequence and the page's place.
    keyed = ((each, f"{run_id}/{each.step}/again/{place}") for place, each in enumerate(wanted))
    repeated = [old.step(each.step).repeated(each, key) for each, key in keyed]
    return advance.begin(run, now_ms, [each for each in repeated if each is not None])
