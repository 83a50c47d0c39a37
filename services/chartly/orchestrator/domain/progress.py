"""What a sync's pages ask for, and how a run whose steps have all ended is to be called. It changes nothing."""

from collections.abc import Sequence
from typing import Any

from .flow import NORMALIZE
from .model import Run, Step, Wanted
from .states import RunState


def page_work(run_id: str, sync: Step, normalize: Step, writer: Step, sequence: int, pages: Sequence[dict[str, Any]]) -> tuple[Wanted, ...]:
    """Ask for one normalize a page. A page that came twice is asked for twice: its key holds its place, not its bytes."""
    return tuple(
        Wanted(
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


def outcome(run: Run) -> RunState:
    """Name the end of a run none of whose steps failed: quarantined when there was input and none of it became canonical."""
    # A reprocess that would empty its dataset has done what it was asked; its numbers say so.
    if run.reprocess is None and run.counts.all_quarantined:
        return RunState.QUARANTINED
    return RunState.SUCCEEDED
