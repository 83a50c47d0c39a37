"""Count a list of ended work, each item once, for the run that asked for it. Pure but for the two callbacks."""

from collections.abc import Callable, Iterable

from . import advance
from .run import Run, RunBounds, Transition
from .work import EndedWork


def take_in(
    finished: Iterable[tuple[str, EndedWork]],
    close: Callable[[str], bool],
    find: Callable[[str], Run | None],
    now_ms: int,
    bounds: RunBounds,
) -> dict[str, Transition]:
    """Return one transition for each run with work that ended, by run id.

    Args:
        finished: run id and work, in the order of the ends.
        close: closes open work by key; False when it wasn't open, so that a repeated end counts nothing.
        find: returns a run as it is stored.
        now_ms: the time.
        bounds: the bounds of one run.
    """
    made: dict[str, Transition] = {}
    for run_id, work in finished:
        before = made.get(run_id)
        if before is not None and before.run.state.ended:
            continue  # its run ended just before it: the work counts as open, and a retry repeats it
        if not close(work.work_key):
            continue
        run = before.run if before else find(run_id)
        if run is not None:
            made[run_id] = _joined(before, advance.ended(run, work, now_ms, bounds))
    return made


def _joined(before: Transition | None, after: Transition) -> Transition:
    """Return two transitions of one run as one. Work that the first asked for is left, if the second ends the run."""
    if before is None:
        return after
    over = after.run.state.ended
    wanted, left = ((), before.wanted) if over else (before.wanted + after.wanted, ())
    return Transition(
        after.run,
        wanted,
        before.events + after.events,
        before.cancel or after.cancel,
        before.updated + after.updated,
        before.dead + after.dead,
        left,
    )
