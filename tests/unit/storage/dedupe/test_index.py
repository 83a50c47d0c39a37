"""Indexes of many datasets: few are open at a time, none is closed while in use, and damaged ones are recreated."""

import hashlib
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from chartly.platform.config import Limits
from chartly.platform.telemetry.log import Logger
from chartly.storage.dedupe.index import Indexes
from chartly.storage.errors import Corrupt
from chartly.storage.model import DatasetKey

A, B = DatasetKey("t", "p", "a"), DatasetKey("t", "p", "b")


def digests(*names: str) -> pa.Array:
    """A column of digests."""
    return pa.array([hashlib.sha256(name.encode()).digest() for name in names], pa.binary(32))


@pytest.fixture
def indexes(tmp_path: Path) -> Indexes:
    """Indexes with a bound of one open index."""
    return Indexes(tmp_path, Limits(dedupe_indexes_open_max=1), Logger("test"))


def test_keys_are_held_by_dataset(indexes: Indexes) -> None:
    """Each dataset has its own keys, also if only one index is open at a time."""
    indexes.apply(A, digests("x"), digests("1"), 1)
    indexes.apply(B, digests("y"), digests("2"), 7)

    assert indexes.probe(A, digests("x", "y")).to_pylist() == [digests("1")[0].as_py(), None]
    assert (indexes.watermark(A), indexes.watermark(B)) == (1, 7)
    assert (indexes.count(A), indexes.count(B)) == (1, 1)


def test_indexes_in_use_stay_open(indexes: Indexes) -> None:
    """Threads that use more datasets than the bound don't close each other's indexes."""
    failures: list[BaseException] = []

    def work(key: DatasetKey) -> None:
        try:
            for sequence in range(1, 30):
                indexes.apply(key, digests(f"k{sequence}"), digests(f"r{sequence}"), sequence)
                assert indexes.watermark(key) == sequence
        except BaseException as failure:  # noqa: BLE001 - raised in the test
            failures.append(failure)

    workers = [threading.Thread(target=work, args=(DatasetKey("t", "p", f"d{n}"),)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []


def test_older_commit_is_refused(indexes: Indexes) -> None:
    """An index ahead of its dataset is damage, not a duplicate."""
    indexes.apply(A, digests("x"), digests("1"), 5)
    with pytest.raises(Corrupt):
        indexes.apply(A, digests("y"), digests("2"), 4)


def test_damaged_index_is_recreated(indexes: Indexes, tmp_path: Path) -> None:
    """Truncated files are detected and set aside; the new index has no watermark and is filled by a rebuild."""
    indexes.apply(A, digests("x"), digests("1"), 1)
    indexes.close()
    for path in (tmp_path / A.path).rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    assert indexes.watermark(A) == 0
    indexes.rebuild(A, [(digests("x", "z"), digests("1", "3"))], 9)
    assert (indexes.watermark(A), indexes.count(A)) == (9, 2)
