"""One Delta table in a local folder."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from chartly.storage.errors import ColumnsRefused
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


def test_columns_that_the_format_refuses(tmp_path: Path) -> None:
    """Columns that differ only in case are refused before anything is written, in a new table and beside those that it has."""
    table = LocalDeltaTable(tmp_path, StillClock())
    with pytest.raises(ColumnsRefused, match="case-insensitive"):
        table.check_columns(pa.schema([("é", pa.string()), ("É", pa.string())]), ())
    with pytest.raises(ColumnsRefused):
        table.check_columns(pa.schema([("a", pa.string())]), ("A",))
    table.check_columns(pa.schema([("a", pa.string())]), ("b",))
    assert not table.exists()
    table.create(pa.schema([("a", pa.string())]), ())
    with pytest.raises(ColumnsRefused):
        table.check_columns(pa.schema([("A", pa.string())]), ())
    table.check_columns(pa.schema([("c", pa.string())]), ())
    assert (table.schema() or pa.schema([])).names == ["a"]


def test_table_is_restored(tmp_path: Path) -> None:
    """A table returns to an earlier version's files, columns and sequence."""
    table = LocalDeltaTable(tmp_path, StillClock())
    rows = pa.table({"a": pa.array([1, 2], pa.int64())})
    table.create(rows.schema, ())
    files = write_files(tmp_path, rows, 1, StoragePolicy(), 1)
    before = table.commit("app", 1, added=files, facts={})
    wider = pa.table({"a": pa.array([3], pa.int64()), "b": pa.array(["x"])})
    table.grow(wider.schema)
    table.commit("app", 2, added=write_files(tmp_path, wider, 2, StoragePolicy(), 1), removed=[files[0].path], facts={})
    table.restore(before, "app", 1)
    for read in (table, LocalDeltaTable(tmp_path, StillClock())):
        assert (read.schema() or pa.schema([])).names == ["a"]
        assert [path.name for path in read.paths()] == [files[0].path]
        assert read.sequence("app") == 1
