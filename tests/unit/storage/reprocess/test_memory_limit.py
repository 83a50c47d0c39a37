"""``reprocess_memory_bytes`` bounds the databases that compare a reprocess or a rollback."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chartly.platform.config import Limits
from chartly.storage.errors import Corrupt, ReprocessMemoryExceeded
from chartly.storage.reprocess.key_difference import KeyDifference, key_difference
from chartly.storage.reprocess.resolution_database import ResolutionDatabase

MIB = 1 << 20
USED = "SELECT sum(memory_usage_bytes)::BIGINT, sum(temporary_storage_bytes)::BIGINT FROM duckdb_memory()"


@pytest.mark.parametrize(("memory_bytes", "spills"), [(8 * MIB, True), (64 * MIB, False)])
def test_resolution_keeps_rows_above_its_memory_on_disk(memory_bytes: int, spills: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter
    """Rows of about 30 MB take at most reprocess_memory_bytes of memory: with 8 MiB most of them go to disk, with 64 MiB none."""
    limit = Limits(reprocess_memory_bytes=memory_bytes).reprocess_memory_bytes
    with ResolutionDatabase(tmp_path / "fold.duckdb", limit) as database:
        database.run("CREATE TEMP TABLE rows AS SELECT sha256(range::VARCHAR)::BLOB AS key, range AS place FROM range(400000)")
        memory, disk = database.one(USED)
        assert memory <= limit
        assert (disk > 0) == spills
        assert database.one("SELECT count(*), sum(place) FROM rows") == (400_000, 400_000 * 399_999 // 2)
    assert list(tmp_path.iterdir()) == []


def test_resolution_without_enough_memory_is_refused(tmp_path: Path) -> None:
    """A statement that needs more than reprocess_memory_bytes at once is refused with the limit, and no file stays."""
    with pytest.raises(ReprocessMemoryExceeded) as refused, ResolutionDatabase(tmp_path / "fold.duckdb", 8 * MIB) as database:
        database.run("CREATE TABLE large AS SELECT list(sha256(range::VARCHAR)) AS keys FROM range(400000)")
    assert refused.value.reprocess_memory_bytes == 8 * MIB
    assert list(tmp_path.iterdir()) == []


def _file(path: Path, start: int, count: int) -> Path:
    digests = [hashlib.sha256(str(number).encode()).digest() for number in range(start, start + count)]
    ids = [f"sha256:{digest.hex()}" for digest in digests]
    rows = pa.table({"idempotency_key": pa.array(digests, pa.binary()), "record_id": pa.array(ids)})
    pq.write_table(rows, path, row_group_size=10_000)
    return path


def test_key_difference_is_computed_with_less_memory_than_its_keys(tmp_path: Path) -> None:
    """Keys of about 100 MB are compared with a limit of 48 MiB; with 1 MiB the comparison is refused with the limit."""
    before, after = [_file(tmp_path / "before.parquet", 0, 500_000)], [_file(tmp_path / "after.parquet", 100_000, 450_000)]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert key_difference(scratch, before, after, 48 * MIB) == KeyDifference(appear=50_000, vanish=100_000, changed=0)
    with pytest.raises(ReprocessMemoryExceeded) as refused:
        key_difference(scratch, before, after, MIB)
    assert refused.value.reprocess_memory_bytes == MIB
    assert list(scratch.iterdir()) == []


def test_damaged_file_is_corrupt(tmp_path: Path) -> None:
    """A file that can't be read is CORRUPT, and no file of the comparison stays."""
    path = _file(tmp_path / "before.parquet", 0, 1_000)
    path.write_bytes(path.read_bytes()[:-100])
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.raises(Corrupt):
        key_difference(scratch, [path], [], 64 * MIB)
    assert list(scratch.iterdir()) == []
