"""The DuckDB file in which a reprocess resolves conflicts between records. It holds keys, digests and places, never a payload.

Rows that don't fit its memory go to temporary files.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from chartly.storage.arrow import duckdb, pa, pq
from chartly.storage.table.columns import EDIT_SHA256

from .bounded_database import delete_database, open_database, translated_errors

_BATCH_ROWS = 65_536
DUPLICATE, CONFLICT, EXPIRED, SETTLED = 1, 2, 3, 4
"""Why the dataset does not take a staged record."""


class RecordPosition(NamedTuple):
    """Where a record lies in the raw bytes."""

    raw_sha256: str
    offset: int


class ResolutionDatabase:
    """A database file of its own for one comparison. Use as a context manager; one thread."""

    def __init__(self, path: Path, memory_bytes: int) -> None:
        self._path = path
        self._memory_bytes = memory_bytes
        self._db: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        self._db = open_database(self._path, self._memory_bytes)
        return self

    def __exit__(self, *_: object) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        delete_database(self._path)

    def insert(self, table: str, rows: "pa.Table") -> None:
        """Insert rows into a table of the database."""
        if not rows.num_rows:
            return
        db = self._opened
        db.register("incoming", rows)
        with translated_errors(self._memory_bytes):
            db.execute(f"INSERT INTO {table} SELECT * FROM incoming")  # noqa: S608 - ours
        db.unregister("incoming")

    def pairs(self, query: str) -> "Iterator[tuple[pa.Array, pa.Array]]":
        """Yield the two columns of a query's result, keys and record ids, in batches."""
        digest = pa.binary(32)
        # A cursor of its own: other queries run while its rows are read.
        with self._opened.cursor() as cursor, translated_errors(self._memory_bytes):
            for batch in cursor.sql(query).to_arrow_reader(_BATCH_ROWS):
                yield batch.column(0).cast(pa.binary()).cast(digest), batch.column(1).cast(pa.binary()).cast(digest)

    def one(self, query: str) -> tuple[Any, ...]:
        """Return the numbers of a query's only row."""
        return tuple(int(value) for row in self.run(query).fetchall() for value in row)

    def run(self, query: str, *parameters: object) -> "duckdb.DuckDBPyConnection":
        """Run a statement.

        Raises:
            Corrupt: a file that it reads is missing or can't be read.
            ReprocessMemoryExceeded, DiskFull: memory or disk is not enough.
        """
        with translated_errors(self._memory_bytes):
            return self._opened.execute(query, list(parameters))

    @property
    def _opened(self) -> "duckdb.DuckDBPyConnection":
        if self._db is None:
            raise RuntimeError("a resolution database is used within its context")
        return self._db


def not_edited(files: Sequence[str]) -> str:
    """Return the condition that excludes corrected records: their raw bytes alone don't produce them.

    The condition is empty if none of the files has the column.
    """
    return f" AND {EDIT_SHA256} IS NULL" if any(EDIT_SHA256 in pq.read_schema(file).names for file in files) else ""
