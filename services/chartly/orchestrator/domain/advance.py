"""The run's state machine: each function returns the next run and what follows from it. The types of steps are in ``steps``.

Every function is pure and takes the time. The caller stores the new run, its wanted work and its events in one transaction, together with
the fact that caused them, so that each fact counts exactly once. Doing what is wanted is idempotent by its keys.
"""

from collections.abc import Sequence

import msgspec

from .draft import RunDraft
from .ledger_events import RunEvent
from .run import Run, RunBounds, Transition
from .run_end import listed_reasons
from .states import RunState
from .work import INTERNAL, EndedWork, OutcomeMalformed, WantedWork


def begin(run: Run, now_ms: int, repeated: Sequence[WantedWork] = ()) -> Transition:
    """Return the first transition of a new run.

    Args:
        run: as it was made.
        now_ms: the time.
        repeated: pages of another run that this run retries.
    """
    draft = RunDraft(run, now_ms)
    for step in run.steps:
        draft.events += step.begin_events(run, now_ms)
    draft.repeat(repeated)
    draft.schedule()
    return draft.transition()


def dispatched(run: Run, now_ms: int) -> Transition:
    """Start a run, since the queue has stored its first work."""
    draft = RunDraft(run, now_ms)
    draft.start_run()
    return draft.transition()


def ended(run: Run, work: EndedWork, now_ms: int, bounds: RunBounds) -> Transition:
    """Count one work item that ended; the caller saw to it that it was open. A run that has ended doesn't change.

    Work that failed for good is a dead letter: it fails its step and its run in the end, and healthy work goes on until then.

    Args:
        run: as it is stored.
        work: what ended.
        now_ms: the time.
        bounds: the bounds of one run.
    """
    if run.state.ended:
        return Transition(run)
    draft = RunDraft(run, now_ms, bounds.pages_open_max)
    draft.start_run()
    if work.state == "cancelled":
        return cancel(draft.run, now_ms, draft.events)
    step = draft.run.step(work.step)
    if work.state == "failed":
        step.failed(draft, work)
    else:
        try:
            step.completed(draft, work)
        except OutcomeMalformed as malformed:
            message = f"A drone's outcome of this step can't be read: {malformed}."
            step.failed(draft, msgspec.structs.replace(work, reason=INTERNAL, message=message))
    dead = sum(draft.run.dead.values())
    if dead > bounds.dead_letters_max and not draft.run.state.ended:
        message = f"It ended early with more than {bounds.dead_letters_max} dead letters: {listed_reasons(draft.run.dead)}."
        draft.fail_run(step.name, work.reason or INTERNAL, message)
    draft.schedule()
    return draft.transition()


def cancel(run: Run, now_ms: int, events: tuple[RunEvent, ...] = ()) -> Transition:
    """Cancel a run. A run that is cancelled already doesn't change.

    Raises:
        IllegalTransition: it ended otherwise.
    """
    if run.state is RunState.CANCELLED:
        return Transition(run)
    draft = RunDraft(run, now_ms)
    draft.events = events
    draft.end_run(RunState.CANCELLED)
    return draft.transition(changed=True)


def broken(run: Run, reason: str, message: str, now_ms: int) -> Transition:
    """Fail a run as a whole, because its work can't be queued or its time is over. A run that has ended doesn't change."""
    if run.state.ended:
        return Transition(run)
    draft = RunDraft(run, now_ms)
    open_step = next((step.name for step in run.steps if not step.over), run.steps[-1].name)
    draft.fail_run(open_step, reason, message)
    return draft.transition()
