"""Taking in a list of ended work: each counts once, for the run that wanted it. Pure but for the two questions that it asks."""

from collections.abc import Callable, Iterable

from . import advance
from .run import EndedWork, Run, RunBounds, Transition


def take_in(
    finished: Iterable[tuple[str, EndedWork]],
    close: Callable[[str], bool],
    find: Callable[[str], Run | None],
    now_ms: int,
    bounds: RunBounds,
) -> dict[str, Transition]:
    """Give one transition for each run that something ended for.

    Args:
        finished: run id and work, in the order in which it ended.
        close: notes that work with this key ended; False when it wasn't open, so that a repeated end counts nothing.
        find: gives a run as it is stored.
        now_ms: the time.
        bounds: as ``advance.ended`` takes them.
    """
    made: dict[str, Transition] = {}
    for run_id, work in finished:
        before = made.get(run_id)
        if before is not None and before.run.state.ended:
            continue  # its run ended just before it: it counts as open then, and is left for a retry
        if not close(work.work_key):
            continue
        run = before.run if before else find(run_id)
        if run is not None:
            made[run_id] = _joined(before, advance.ended(run, work, now_ms, bounds))
    return made


def _joined(before: Transition | None, after: Transition) -> Transition:
    """Join two transitions of one run that are stored together. What the first wanted of a run that the second ends is left."""
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
