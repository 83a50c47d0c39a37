"""Migrations of the orchestrator's tables, over rows that an older version stored."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

import chartly.orchestrator
from chartly.orchestrator.store import dead_letters, runs
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
