"""The memory limits of a dedupe index, each at its bound."""

import hashlib
import time
from pathlib import Path

import pyarrow as pa
import pytest

from chartly.platform.config import Limits
from chartly.platform.telemetry.log import Logger
from chartly.storage.dedupe.index import Indexes
from chartly.storage.model import DatasetKey

KEY = DatasetKey("t", "p", "d")
KIB, MIB = 1 << 10, 1 << 20
WAIT_S_MAX = 30.0
# A key and its record id in memory, with what the engine needs for them.
ENTRY_BYTES = 128
# Bytes that opening files and reading this process's statistics cost, but no block of a table.
OTHER_READS_MAX = 64 * KIB


def digests(start: int, count: int) -> pa.Array:
    """Return a column of digests."""
    return pa.array([hashlib.sha256(str(number).encode()).digest() for number in range(start, start + count)], pa.binary(32))


def fill(indexes: Indexes, commits: range, keys: int) -> None:
    """Apply some commits of ``keys`` keys each."""
    for commit in commits:
        column = digests(commit * keys, keys)
        indexes.apply(KEY, column, column, commit)


def tables_bytes(root: Path) -> int:
    """Return the size of the key table's files."""
    return sum(path.stat().st_size for path in (root / KEY.path).glob("generation-*/keyspaces/1/tables/*"))


def wait_for_tables(root: Path, size_bytes: int) -> int:
    """Wait until the files have a size, and return it. The engine writes them in the background."""
    until = time.monotonic() + WAIT_S_MAX
    while tables_bytes(root) < size_bytes and time.monotonic() < until:
        time.sleep(0.05)
    return tables_bytes(root)


def read_bytes() -> int:
    """Return the bytes that this process has read from files, whether the operating system had them in memory or not."""
    counters = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(counters["rchar"])


def test_keys_stay_in_memory_up_to_the_memtable_bound(tmp_path: Path) -> None:
    """Keys of half dedupe_memtable_bytes_max are written to no table file; keys of more than it are."""
    limit = 512 * KIB
    indexes = Indexes(tmp_path, Limits(dedupe_memtable_bytes_max=limit), Logger("test"))
    fill(indexes, range(1, 5), limit // 8 // ENTRY_BYTES)
    time.sleep(0.5)
    assert tables_bytes(tmp_path) == 0
    fill(indexes, range(5, 17), limit // 8 // ENTRY_BYTES)
    assert wait_for_tables(tmp_path, limit // 2) >= limit // 2
    indexes.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an index whose keys are all in table files."""
    root = tmp_path_factory.mktemp("index")
    indexes = Indexes(root, Limits(dedupe_memtable_bytes_max=64 * KIB), Logger("test"))
    fill(indexes, range(1, 21), 5_000)
    assert wait_for_tables(root, 6 * MIB) >= 6 * MIB
    indexes.close()
    return root


@pytest.mark.parametrize(("limit", "fits"), [(4 * MIB, False), (16 * MIB, True)])
def test_cache_holds_tables_up_to_its_bound(limit: int, fits: bool, filled: Path) -> None:  # noqa: FBT001 - a parameter
    """Tables below dedupe_cache_bytes are read from files once; of larger ones, the cache can't hold all blocks, which are read again."""
    indexes = Indexes(filled, Limits(dedupe_cache_bytes=limit), Logger("test"))
    keys = digests(5_000, 100_000)
    indexes.probe(KEY, keys)
    before = read_bytes()
    indexes.probe(KEY, keys)
    read = read_bytes() - before
    indexes.close()
    assert (tables_bytes(filled) < limit) == fits
    assert (read < OTHER_READS_MAX) == fits
