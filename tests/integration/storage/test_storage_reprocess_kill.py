"""After a kill of the storage process at any failpoint, a reprocess and its rollback end like undisturbed ones."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from chartly.platform.config import Config
from chartly.platform.errors import RemoteError
from chartly.storage.commit.failpoints import CommitFailpoint, ReprocessFailpoint
from chartly.v1 import dataset_pb2, reprocess_pb2

from .reprocess_steps import ReprocessSteps
from .test_storage_kill import Process, push_all, start_process, summary

__all__ = ["start_process"]

DOUBLED: dict[str, Any] = {
    "requiredFields": ["event_id", "occurred_at", "amount"],
    "transforms": [
        {"op": "toNumber", "field": "amount"},
        {"op": "multiply", "field": "amount", "value": 2},
        {"op": "toUtcTimestamp", "field": "occurred_at"},
    ],
}


async def reprocess(process: Process) -> None:
    """Reprocess the dataset. A call after a crash continues the reprocess."""
    work = ReprocessSteps(process.clients, policy="quarantine", **DOUBLED)
    await work.dry_run()
    await work.apply()


async def roll_back(process: Process) -> None:
    """Roll the reprocess back."""
    await process.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=4))


async def state(process: Process) -> dict[str, Any]:
    """Return the state that must not depend on kills, with the modes of the versions."""
    listed = await process.clients.dataset.ListDatasetVersions(dataset_pb2.ListDatasetVersionsRequest(dataset="sales-events"))
    return {**await summary(process, {}), "modes": [(each.version, each.mode, each.content_hash, each.rows) for each in listed.versions]}


_undisturbed: dict[str, dict[str, Any]] = {}


@pytest.fixture
async def undisturbed(tmp_path: Path, make_config: Callable[..., Config]) -> dict[str, dict[str, Any]]:
    """Return the dataset's state after an undisturbed reprocess, and after its rollback; computed once."""
    if not _undisturbed:
        process = Process(make_config(data_dir=str(tmp_path / "undisturbed")))
        try:
            await process.start()
            await push_all(process)
            for name, act in (("reprocess", reprocess), ("roll_back", roll_back)):
                await act(process)
                _undisturbed[name] = await state(process)
        finally:
            await process.stop()
    return _undisturbed


async def repeat_killed(
    process: Process, points: Sequence[CommitFailpoint | ReprocessFailpoint], act: Callable[[Process], Awaitable[None]]
) -> None:
    """Repeat an action in processes that are killed at one failpoint after the other; the last one is not killed."""
    for point in points:
        await process.start(point.value, "1")
        with contextlib.suppress(RemoteError):
            await act(process)
        assert await process.died()
    await process.start()
    await act(process)


# The first point of each is reached by a first try, those after ROW_PREPARED by the recovery at the start of the next process.
COMMITTING = [
    CommitFailpoint.FILES_DURABLE,
    CommitFailpoint.ROW_PREPARED,
    CommitFailpoint.QUARANTINE_COMMITTED,
    CommitFailpoint.TABLE_COMMITTED,
    CommitFailpoint.INDEX_APPLIED,
    CommitFailpoint.ROW_COMMITTED,
]


@pytest.mark.timeout(300)
async def test_killed_reprocess_and_rollback_equal_undisturbed_ones(
    start_process: Callable[..., Any], undisturbed: dict[str, dict[str, Any]]
) -> None:
    """A reprocess and a rollback that are killed at a point and repeated make one version each, equal to undisturbed ones."""
    process = await start_process()
    await push_all(process)
    await process.stop_only()
    await repeat_killed(process, [ReprocessFailpoint.CHUNK_STAGED, ReprocessFailpoint.COMPARED, *COMMITTING], reprocess)
    assert await state(process) == undisturbed["reprocess"]
    await process.stop_only()
    await repeat_killed(process, COMMITTING, roll_back)
    assert await state(process) == undisturbed["roll_back"]
    assert undisturbed["reprocess"]["faults"] == undisturbed["roll_back"]["faults"] == []
