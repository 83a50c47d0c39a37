"""From a run that ended badly to the run that does what it left undone, and what may become of such work. Pure; it stores nothing.

The old run stays as it ended: its end is in the ledger. The new one has its frozen profiles, its steps, and of its work only what is
asked for; what was committed before is replayed, never doubled, since commits are keyed by their chunk.
"""

from collections.abc import Sequence
from enum import StrEnum
from types import MappingProxyType

import msgspec

from chartly.orchestrator.errors import IllegalTransition

from . import advance
from .run import DeadLetter, Run, RunCounts, Step, Transition, WantedWork
from .states import RunState
from .step_graph import ANALYTICS, NORMALIZE, SYNC, StepGraph


class DeadLetterState(StrEnum):
    """Where a piece of unfinished work stands. RETRIED and DISCARDED are ends."""

    DEAD = "dead"
    """A dead letter: it failed for good, and waits for a person."""
    LEFT = "left"
    """It was open when its run was ended; RetryRun takes it along."""
    RETRIED = "retried"
    DISCARDED = "discarded"


_TRANSITIONS = MappingProxyType(
    {
        DeadLetterState.DEAD: frozenset({DeadLetterState.RETRIED, DeadLetterState.DISCARDED}),
        DeadLetterState.LEFT: frozenset({DeadLetterState.RETRIED}),
        DeadLetterState.RETRIED: frozenset[DeadLetterState](),
        DeadLetterState.DISCARDED: frozenset[DeadLetterState](),
    }
)
RETRIABLE = frozenset({RunState.FAILED, RunState.CANCELLED})
"""The ends of a run after which RetryRun may follow. What quarantine holds back has its own way back."""


def move(before: DeadLetterState, after: DeadLetterState) -> DeadLetterState:
    """Give ``after`` when the table allows it.

    Raises:
        IllegalTransition: it does not.
    """
    if after not in _TRANSITIONS[before]:
        raise IllegalTransition(before.value, after.value)
    return after


def retriable(run: Run) -> None:
    """See that a run as a whole may be retried. A reprocess is asked for anew: it is done whole or not at all.

    Raises:
        IllegalTransition: it hasn't ended, or ended well, or is a reprocess.
    """
    if run.state not in RETRIABLE or run.reprocess is not None:
        raise IllegalTransition(run.state.value, "retried")


def resolved(run: Run) -> bool:
    """Whether the run's profiles were resolved; one that failed before has nothing frozen that could be done again."""
    return all(step.skipped or step.profile_hash for step in run.steps)


def outstanding(run: Run) -> bool:
    """Whether a run as a whole has something to go on with besides the work that it left: a source, or a rollup that never was."""
    return any(
        not step.skipped
        and (
            (step.type == SYNC and not step.exhausted)
            or (step.type == ANALYTICS and step.state is not RunState.SUCCEEDED and not step.dead)
        )
        for step in run.steps
    )


def again(old: Run, chosen: Sequence[DeadLetter], *, whole: bool, run_id: str, principal: str, request_id: str, now_ms: int) -> Transition:
    """Make the run that does the chosen work.

    Args:
        old: the run that left it.
        chosen: what to do.
        whole: also go on with sources that weren't read to their end.
        run_id: of the new run.
        principal: who asked for it.
        request_id: in which request.
        now_ms: the time.
    """
    syncs = {each.wanted.step: int(each.wanted.payload.get("sequence", 0)) for each in chosen if each.wanted.kind == SYNC}
    run = msgspec.structs.replace(
        old,
        run_id=run_id,
        principal=principal,
        request_id=request_id,
        steps=tuple(_step(old, step, syncs, whole=whole) for step in old.steps),
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
    wanted: list[WantedWork] = []
    for place, page in enumerate(each.wanted for each in chosen if each.wanted.kind == NORMALIZE):
        # No key of a page that a source gives: those end in its sequence and place.
        wanted.append(msgspec.structs.replace(page, work_key=f"{run_id}/{page.step}/again/{place}"))
        run = _with_page(run, page.step)
    return advance.begin_again(run, tuple(wanted), now_ms)


def _step(old: Run, step: Step, syncs: dict[str, int], *, whole: bool) -> Step:
    skipped, sequence, continues = step.skipped, 0, ""
    if step.type == SYNC:
        goes_on = step.name in syncs or (whole and not step.exhausted)
        skipped = skipped or not goes_on
        sequence = syncs.get(step.name, step.sequence)
        continues = step.continues or old.run_id
    elif step.type == ANALYTICS:
        # One that succeeded depended on nothing that failed.
        skipped = skipped or step.state is RunState.SUCCEEDED
    return Step(
        step.name,
        step.type,
        step.profile_ref,
        step.profile_hash,
        step.depends_on,
        source_id=step.source_id,
        dataset=step.dataset,
        skipped=skipped,
        sequence=sequence,
        continues=continues if step.type == SYNC and not skipped else "",
    )


def _with_page(run: Run, normalize: str) -> Run:
    names = {normalize, StepGraph(run.steps).writer(run.step(normalize)).name}
    steps = tuple(msgspec.structs.replace(step, work_total=step.work_total + 1) if step.name in names else step for step in run.steps)
    return msgspec.structs.replace(run, steps=steps, pages_open=run.pages_open + 1)
