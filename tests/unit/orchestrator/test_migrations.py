"""Migrations of the orchestrator's tables over rows of an older version."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa

import chartly.orchestrator
from chartly.orchestrator.store import dead_letters, runs, tables
from chartly.platform import outbox
from chartly.platform.blocking import Blocking
from chartly.platform.config import Config
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.migrate import migrate

MIGRATIONS = Path(chartly.orchestrator.__file__).parent / "migrations"
WANTED = {
    "work_key": "run_1/normalize/sync/0.2",
    "kind": "normalize",
    "step": "normalize",
    "source_id": "sales",
    "payload": {"raw": {"sha256": "a" * 64}, "normalizer": {"ref": "n", "hash": "h"}, "dataset": "d"},
    "data_bytes": 10,
}


async def test_stored_work_is_converted(make_config: Callable[..., Config], tmp_path: Path) -> None:
    """Open work and dead letters of the third version have typed tasks, and a dead letter keeps its pending clean-up."""
    blocking = Blocking(1, 10)
    metadata = Metadata(make_config(), blocking)
    third = tmp_path / "orchestrator" / "migrations"
    third.mkdir(parents=True)
    for name in ("0001_runs.py", "0002_schedules.py", "0003_unfinished.py"):
        shutil.copy(MIGRATIONS / name, third)
    migrate(metadata, [third])
    texts = ("tenant", "project", "run_id", "reason", "state", "resolved_by", "note", "retried_as")
    letter = dict.fromkeys(texts, "dead") | {
        "dead_letter_id": "dead_1", "work_key": WANTED["work_key"], "source_id": "sales", "kind": "normalize", "dead": True,
        "at_ms": 1, "resolved_at_ms": 0, "untold": True,
        "body": json.dumps({"wanted": WANTED, "reason": "CORRUPT", "message": "", "dead": True}),
    }  # fmt: skip
    with metadata.writing() as connection:
        work = sa.Table("orchestrator_work", sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(work), [{"work_key": WANTED["work_key"], "run_id": "run_1", "body": json.dumps(WANTED)}])
        old = sa.Table("orchestrator_unfinished", sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(old), [letter])
    migrate(metadata, [MIGRATIONS])
    with metadata.reading() as connection:
        [wanted] = runs.open_work(connection, "run_1")
        [stored] = dead_letters.of_run(connection, "dead")
        pending = dead_letters.pending_cleanup(connection, 10)
    blocking.close()
    metadata.close()
    task = wanted.task.normalize
    assert (wanted.kind, task.page.sequence, task.page.place, task.raw.sha256) == ("normalize", 0, 2, "a" * 64)
    assert (stored.work.wanted, stored.work.reason) == (wanted, "CORRUPT")
    assert pending == [("dead_1", "dead", "dead", WANTED["work_key"])]


async def test_waiting_events_are_converted(make_config: Callable[..., Config], tmp_path: Path) -> None:
    """An event that waited for the ledger in the fourth version keeps its key, run, principal, time and details."""
    blocking = Blocking(1, 10)
    metadata = Metadata(make_config(), blocking)
    fourth = tmp_path / "orchestrator" / "migrations"
    shutil.copytree(MIGRATIONS, fourth, ignore=shutil.ignore_patterns("0005*", "__pycache__"))
    migrate(metadata, [fourth])
    old = {"key": "run_1/workflow.run.started", "type": "workflow.run.started", "subject": "run/run_1", "details": {"workflow": "w"}}
    row = {"tenant": "tenant-demo", "project": "proj-sales", "principal": "user:ada", "run_id": "run_1"}
    with metadata.writing() as connection:
        table = sa.Table("orchestrator_outbox", sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(table), [row | {"body": json.dumps(old | {"occurred_at_ms": 1_770_000_000_123})}])
    migrate(metadata, [MIGRATIONS])
    with metadata.reading() as connection:
        [stored] = connection.execute(sa.select(tables.outbox)).mappings()
        waiting = outbox.backlog(connection, tables.outbox)
    blocking.close()
    metadata.close()
    event = msgspec.json.decode(stored["body"], type=outbox.Event)
    assert (event.key, event.type, event.subject, event.details) == (old["key"], old["type"], old["subject"], old["details"])
    assert (event.run_id, event.principal, stored["principal"]) == ("run_1", "user:ada", "user:ada")
    assert event.occurred_at == datetime.fromtimestamp(1_770_000_000.123, UTC)
    assert (waiting.events, waiting.bytes) == (1, len(stored["body"]))
