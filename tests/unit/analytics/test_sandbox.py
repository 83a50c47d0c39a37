"""Columns and memory of statements in the sandbox."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chartly.analytics.errors import QueryLimit
from chartly.analytics.worker.sandbox import QueryBounds, lock, open_sandbox
from chartly.analytics.worker.statement_errors import translated_errors
from chartly.platform.config import Limits


def test_a_column_that_no_file_has_is_null(tmp_path: Path) -> None:
    """A column that only a later version's files had, as after a rollback, is null."""
    file = tmp_path / "part.parquet"
    pq.write_table(pa.table({"name": ["a", "b"]}), file)
    bounds = QueryBounds(memory_bytes_max=64 << 20, spill_bytes_max=1 << 20, spill_folder=str(tmp_path / "spill"))
    source = {"files": [str(file)], "columns": {"name": "string", "seen": "timestamp[us, tz=UTC]", "amount": "double"}}
    with open_sandbox(bounds) as connection:
        lock(connection, {"things": source})
        found = connection.sql("SELECT * FROM things ORDER BY name")
        assert dict(zip(found.columns, map(str, found.types), strict=True)) == {
            "name": "VARCHAR",
            "seen": "TIMESTAMP WITH TIME ZONE",
            "amount": "DOUBLE",
        }
        assert found.fetchall() == [("a", None, None), ("b", None, None)]


def test_query_ends_at_its_memory(tmp_path: Path) -> None:
    """A query within query_memory_bytes_max is answered; one that needs more, also on disk, is refused with the limit's name."""
    memory = Limits(query_memory_bytes_max=64 << 20).query_memory_bytes_max
    bounds = QueryBounds(memory_bytes_max=memory, spill_bytes_max=1 << 20, spill_folder=str(tmp_path / "spill"))
    with open_sandbox(bounds) as connection:
        with translated_errors("", bounds):
            assert connection.sql("SELECT count(*) FROM range(1000)").fetchall() == [(1000,)]
        with pytest.raises(QueryLimit, match="query_memory_bytes_max"), translated_errors("", bounds):
            connection.sql("SELECT list(range::VARCHAR || repeat('x', 100)) FROM range(5000000)").fetchall()
