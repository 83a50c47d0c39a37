"""Migrations of the queue's tables over rows of an older version."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import chartly.coordinator
from chartly.coordinator.store import work as store
from chartly.platform.blocking import Blocking
from chartly.platform.config import Config
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.migrate import migrate
from chartly.v1 import coordinator_pb2 as pb

MIGRATIONS = Path(chartly.coordinator.__file__).parent / "migrations"
PAGE = {"sha256": "a" * 64, "size_bytes": "10"}
COUNTS = {"records_in": "3", "canonical": "3"}


def row(number: int, key: str, kind: str, payload: dict[str, Any], result: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a row as version 1 stored it."""
    texts = ("tenant", "project", "run_id", "step", "principal", "lease_id", "drone_id", "reason", "message")
    numbers = ("data_bytes", "enqueued_at_ms", "attempts", "faults", "refusals", "losses", "ready_at_ms", "expires_at_ms", "ended_at_ms")
    return dict.fromkeys(texts, "x") | dict.fromkeys(numbers, 0) | {
        "work_id": f"work_{number}", "work_key": key, "kind": kind, "source_id": "sales", "position": number, "attempts_max": 3,
        "state": "completed" if result else "queued", "finish_sequence": number if result else 0,
        "payload": json.dumps(payload), "result": json.dumps(result) if result else "",
    }  # fmt: skip


async def test_stored_items_are_converted(make_config: Callable[..., Config], tmp_path: Path) -> None:
    """Open and ended items of the first version have typed tasks and outcomes; an unknown kind has an empty task."""
    blocking = Blocking(1, 10)
    metadata = Metadata(make_config(), blocking)
    first = tmp_path / "coordinator" / "migrations"
    first.mkdir(parents=True)
    shutil.copy(MIGRATIONS / "0001_queue.py", first)
    migrate(metadata, [first])
    rows = [
        row(1, "r/normalize/sync/2.1", "normalize", {"raw": PAGE, "dataset": "d"}, {"counts": COUNTS, "work_key": "k"}),
        row(2, "r/normalize/again/0", "normalize", {"raw": PAGE}),
        row(3, "r/sync/4", "connector_sync", {"sequence": 4, "source_id": "sales", "continues_run_id": "run_0"}),
        row(4, "r/apply/0", "reprocess_apply", {"reprocess_id": "r"}, {"dataset": "d", "version": "7"}),
        row(5, "r/other/0", "unheard_of", {"anything": True}),
    ]
    with metadata.writing() as connection:
        old = sa.Table("coordinator_work", sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(old), rows)
    migrate(metadata, [MIGRATIONS])
    with metadata.reading() as connection:
        items = store.by_keys(connection, [str(each["work_key"]) for each in rows])
    blocking.close()
    metadata.close()
    page, again, sync, applied, unknown = (items[str(each["work_key"])] for each in rows)
    task = pb.WorkTask.FromString(page.task).normalize
    assert (task.page.source_id, task.page.sequence, task.page.place, task.raw.size_bytes) == ("sales", 2, 1, 10)
    assert pb.WorkOutcome.FromString(page.outcome).normalize.counts.canonical == 3
    assert not pb.WorkTask.FromString(again.task).normalize.HasField("page")
    assert pb.WorkTask.FromString(sync.task).connector_sync == pb.SyncTask(sequence=4, continues_run_id="run_0")
    assert pb.WorkOutcome.FromString(applied.outcome).reprocess_apply.reprocess.version == 7
    assert (unknown.task, unknown.outcome, unknown.state.value) == (b"", b"", "queued")
