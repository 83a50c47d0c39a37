"""Compare two sets of a table's files by key, in DuckDB on disk. It reads only keys and record ids."""

from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex

from chartly.storage.model import Value

from .bounded_database import delete_database, open_database, translated_errors


class KeyDifference(Value, frozen=True, kw_only=True):
    """The number of keys that are added, removed, or get another record."""

    appear: int = 0
    vanish: int = 0
    changed: int = 0


def key_difference(scratch: Path, before: Sequence[Path], after: Sequence[Path], memory_bytes: int) -> KeyDifference:
    """Compare the keys of two sets of files.

    Raises:
        Corrupt: a file can't be read.
        ReprocessMemoryExceeded, DiskFull: memory or disk is not enough.
    """
    path = scratch / f"{token_hex(8)}.duckdb"
    try:
        with open_database(path, memory_bytes) as db, translated_errors(memory_bytes):
            for name, files in (("before", before), ("after", after)):
                db.execute(f"CREATE TABLE {name} (key BLOB, id VARCHAR)")
                if files:
                    source = "read_parquet(?, union_by_name=true, hive_partitioning=false)"
                    query = f"INSERT INTO {name} SELECT idempotency_key, record_id FROM {source}"  # noqa: S608 - ours
                    db.execute(query, [[str(file) for file in files]])
            row = db.execute(
                "SELECT count(*) FILTER (b.key IS NULL), count(*) FILTER (a.key IS NULL), count(*) FILTER (a.id <> b.id) "
                "FROM before b FULL JOIN after a ON a.key = b.key"
            ).fetchone()
    finally:
        delete_database(path)
    appear, vanish, changed = row or (0, 0, 0)
    return KeyDifference(appear=int(appear), vanish=int(vanish), changed=int(changed))
