"""The end of a run whose steps have all ended: its state, reason and message."""

from collections.abc import Mapping

from .run import Run
from .states import RunState


def end_of(run: Run) -> tuple[RunState, str, str]:
    """Return state, reason and message of a run whose steps have all ended.

    A run is failed when a step is; the message lists its dead letters. Else it is quarantined when there was input and all of it is in
    quarantine.
    """
    failed = next((step for step in run.steps if step.state is RunState.FAILED), None)
    if failed is not None:
        count = sum(run.dead.values())
        letters = f"{count} dead letter{'s' if count != 1 else ''} ({listed_reasons(run.dead)})"
        return RunState.FAILED, failed.reason, f"{letters}; the first of {failed.name}: {failed.message}"[:1_000]
    # A reprocess that would empty its dataset did what was asked; its counts show it.
    held_back = run.reprocess is None and run.counts.all_quarantined
    return (RunState.QUARANTINED if held_back else RunState.SUCCEEDED), "", ""


def listed_reasons(dead: Mapping[str, int]) -> str:
    """Return reasons with their counts, most first, as text."""
    return ", ".join(f"{reason} {count}" for reason, count in sorted(dead.items(), key=lambda each: (-each[1], each[0])))
