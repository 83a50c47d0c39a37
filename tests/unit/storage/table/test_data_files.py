"""Rows are written into files by partition, each sorted, and none is lost."""

import errno
import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chartly.storage.errors import DiskFull
from chartly.storage.policy import StoragePolicy
from chartly.storage.table.data_files import write_files

POLICY = StoragePolicy(partition_by=("at", "kind"), granularity="month", index_fields=("name",))


def _rows(count: int) -> pa.Table:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    at = [None if place % 11 == 0 else begin + timedelta(hours=place * 37 % 2000, microseconds=place) for place in range(count)]
    return pa.table(
        {
            "at": pa.array(at, pa.timestamp("us", "UTC")),
            "kind": pa.array([None if place % 7 == 0 else place % 3 for place in range(count)], pa.int64()),
            "name": pa.array([f"n-{place * 31 % count:04}" for place in range(count)]),
            "place": pa.array(range(count), pa.int64()),
        }
    )


def test_each_file_holds_its_partition_sorted(tmp_path: Path) -> None:
    """Each row is in the file of its partition, sorted by partition and indexed fields; nulls are a partition."""
    rows = _rows(500)
    files = write_files(tmp_path, rows, 1, POLICY, 64)
    held: list[int] = []
    for file in files:
        table = pq.read_table(tmp_path / file.path, partitioning=None)
        assert file.rows == table.num_rows == json.loads(file.stats)["numRecords"]
        for row in table.to_pylist():
            assert file.partition["_partition_at"] == (row["at"].strftime("%Y-%m") if row["at"] else None)
            assert file.partition["_partition_kind"] == (str(row["kind"]) if row["kind"] is not None else None)
        order = [(row["at"] or datetime.max.replace(tzinfo=UTC), row["kind"] or 0, row["name"]) for row in table.to_pylist()]
        assert order == sorted(order)
        held += table.column("place").to_pylist()
    assert sorted(held) == list(range(500))
    assert len(files) == len({tuple(file.partition.items()) for file in files})


def test_too_many_partitions_are_one_file(tmp_path: Path) -> None:
    """Rows of more partitions than the bound are one sorted file without partition values."""
    (file,) = write_files(tmp_path, _rows(200), 1, POLICY, 2)
    assert file.partition == {"_partition_at": None, "_partition_kind": None}
    assert file.rows == 200


@pytest.mark.parametrize(
    ("instant", "least", "most"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z"),
        (datetime(987, 6, 5, 4, 3, 2, 1, UTC), "0987-06-05T04:03:02.000Z", "0987-06-05T04:03:02.001Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 998_001, UTC), "9999-12-31T23:59:59.998Z", "9999-12-31T23:59:59.999Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC), "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        # The bound above it is no instant of the calendar, so there is none.
        (datetime(9999, 12, 31, 23, 59, 59, 999_001, UTC), None, None),
        (datetime.max.replace(tzinfo=UTC), None, None),
    ],
)
def test_bounds_of_instants_have_four_digits_of_the_year(tmp_path: Path, instant: datetime, least: str | None, most: str | None) -> None:
    """The statistics of the log name the year with four digits, and no bound that is less than a value."""
    rows = pa.table({"occurred_at": pa.array([instant], pa.timestamp("us", "UTC"))})
    (file,) = write_files(tmp_path, rows, 1, StoragePolicy(partition_by=(), index_fields=()), 16)

    stats = json.loads(file.stats)
    assert (stats["minValues"].get("occurred_at"), stats["maxValues"].get("occurred_at")) == (least, most)


@pytest.mark.parametrize("nth", [1, 3, 9])
def test_full_disk_leaves_no_file(nth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If one file of a commit can't be written, none of its files is left."""
    lock, calls, sync = threading.Lock(), 0, os.fsync

    def fail(descriptor: int) -> None:
        nonlocal calls
        with lock:
            calls += 1
            if calls == nth:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DiskFull):
        write_files(tmp_path, _rows(500), 1, POLICY, 64)
    assert calls >= nth
    assert list(tmp_path.iterdir()) == []
