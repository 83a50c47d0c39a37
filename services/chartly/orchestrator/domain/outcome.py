"""What a sync's pages ask for, and how a run whose steps have all ended is to be called. It changes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from .run import Run, Step, WantedWork
from .states import RunState
from .step_graph import NORMALIZE


def page_work(
    run_id: str, sync: Step, normalize: Step, writer: Step, sequence: int, pages: Sequence[dict[str, Any]]
) -> tuple[WantedWork, ...]:
    """Ask for one normalize a page. A page that came twice is asked for twice: its key holds its place, not its bytes."""
    return tuple(
        WantedWork(
            work_key=f"{run_id}/{normalize.name}/{sync.name}/{sequence}.{place}",
            kind=NORMALIZE,
            step=normalize.name,
            source_id=sync.source_id,
            payload={
                "raw": page,
                "normalizer": {"ref": normalize.profile_ref, "hash": normalize.profile_hash},
                "storage": {"ref": writer.profile_ref, "hash": writer.profile_hash},
                "source_id": sync.source_id,
                "dataset": writer.dataset,
            },
            data_bytes=int(page.get("size_bytes", 0)),
        )
        for place, page in enumerate(pages)
    )


def outcome(run: Run) -> tuple[RunState, str, str]:
    """Name the end of a run all of whose steps have ended, with reason and message.

    Failed when a step is, naming its dead letters; else quarantined when there was input and none of it became canonical.
    """
    failed = next((step for step in run.steps if step.state is RunState.FAILED), None)
    if failed is not None:
        count = sum(run.dead.values())
        letters = f"{count} dead letter{'s' if count != 1 else ''} ({reasons(run.dead)})"
        return RunState.FAILED, failed.reason, f"{letters}; the first of {failed.name}: {failed.message}"[:1_000]
    # A reprocess that would empty its dataset has done what it was asked; its numbers say so.
    held_back = run.reprocess is None and run.counts.all_quarantined
    return (RunState.QUARANTINED if held_back else RunState.SUCCEEDED), "", ""


def reasons(dead: Mapping[str, int]) -> str:
    """Write reasons with their counts, most first."""
    return ", ".join(f"{reason} {count}" for reason, count in sorted(dead.items(), key=lambda each: (-each[1], each[0])))
