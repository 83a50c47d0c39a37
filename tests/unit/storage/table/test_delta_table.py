"""One Delta table in a local folder."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from chartly.storage.policy import StoragePolicy
from chartly.storage.table.data_files import write_files
from chartly.storage.table.delta_table import LocalDeltaTable

NOW = datetime(2031, 5, 4, 3, 2, 1, 654_321, tzinfo=UTC)
NOW_MS = 1_935_630_121_654


class StillClock:
    """A clock with a fixed time."""

    def now(self) -> datetime:
        """Return always the same time."""
        return NOW

    def monotonic_s(self) -> float:
        """Return always the same time."""
        return 0.0


def actions(table: LocalDeltaTable, version: int) -> dict[str, dict[str, Any]]:
    """Return a log entry's actions by kind."""
    lines = (table.path / "_delta_log" / f"{version:020d}.json").read_text().splitlines()
    return {kind: action for line in lines for kind, action in json.loads(line).items()}


def test_files_have_the_clocks_time(tmp_path: Path) -> None:
    """A commit uses its clock for the times at which files were added and removed."""
    rows = pa.table({"a": pa.array([1, 2], pa.int64())})
    table = LocalDeltaTable(tmp_path, StillClock())
    table.create(rows.schema, ())
    first = write_files(tmp_path, rows, 1, StoragePolicy(), 1)
    added = table.commit("app", 1, added=first, facts={})
    second = write_files(tmp_path, rows, 2, StoragePolicy(), 1)
    replaced = table.commit("app", 2, added=second, removed=[first[0].path], facts={})

    assert actions(table, added)["add"]["modificationTime"] == NOW_MS
    assert actions(table, replaced)["add"]["modificationTime"] == NOW_MS
    assert actions(table, replaced)["remove"]["deletionTimestamp"] == NOW_MS
