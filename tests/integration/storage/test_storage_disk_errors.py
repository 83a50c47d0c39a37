# pyright: reportPrivateUsage=false
"""After a disk error during a commit the caller gets the error, and the next attempt completes the commit."""

import errno
import os
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from chartly.platform.config import Limits
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.storage.commit import failpoints as points
from chartly.storage.commit.failpoints import COMMIT, CommitFailpoint
from chartly.storage.errors import Corrupt, StoreUnavailable
from chartly.storage.maintenance import compaction
from chartly.storage.model import DatasetKey
from chartly.storage.reprocess import jobs
from chartly.storage.service import StorageService

from .conftest import Writer
from .reprocess_steps import ReprocessSteps

Chunk = Callable[..., bytes]
REFUSALS = [point for point in COMMIT if point not in (CommitFailpoint.ROW_COMMITTED, CommitFailpoint.STAGING_SWEPT)]


@pytest.fixture
def fill_disk_at() -> Iterator[Callable[[CommitFailpoint], None]]:
    """Make the step after a failpoint raise ENOSPC, once."""
    before = points.observer()

    def fill(point: CommitFailpoint) -> None:
        def observe(reached: StrEnum) -> None:
            if reached.value == point.value:
                points.observe(before)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        points.observe(observe)

    yield fill
    points.observe(before)


@pytest.mark.parametrize("point", REFUSALS)
async def test_full_disk_at_a_point(
    point: CommitFailpoint, writer: Writer, chunk: Chunk, fill_disk_at: Callable[[CommitFailpoint], None]
) -> None:
    """With a full disk a commit is UNAVAILABLE with a time to retry; a retry commits the chunk once, with the same counts."""
    await writer.push(chunk(0, 20, bad=1), item="item-0")
    fill_disk_at(point)
    with pytest.raises(RemoteError) as refused:
        await writer.push(chunk(10, 20, bad=2), item="item-1")
    assert refused.value.remote_reason == "SERVICE_UNAVAILABLE"
    assert refused.value.retry_after_s

    receipt = await writer.push(chunk(10, 20, bad=2), item="item-1")
    assert (receipt.counts.canonical, receipt.counts.duplicates, receipt.counts.quarantined) == (10, 10, 2)
    dataset = await writer.describe()
    assert (dataset.version, dataset.rows, dataset.counts.quarantined) == (2, 30, 3)
    assert not (await writer.check()).faults


async def test_unwritable_table_leaves_nothing_behind(
    storage: Host, writer: Writer, chunk: Chunk, tmp_path: Path, fill_disk_at: Callable[[CommitFailpoint], None]
) -> None:
    """Data files of a commit that fails before it is decided are deleted."""
    await writer.push(chunk(0, 20))
    fill_disk_at(CommitFailpoint.FILES_DURABLE)
    with pytest.raises(RemoteError):
        await writer.push(chunk(20, 20))

    folder = tmp_path / "data/canonical/tenant-demo/proj-sales/sales-events"
    assert len(list(folder.glob("part-*.parquet"))) == 1
    assert not list((tmp_path / "data" / "staging").iterdir())


@pytest.mark.parametrize("nth", [1, 3, 5, 7])
async def test_fsync_that_fails(nth: int, writer: Writer, chunk: Chunk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit in which any fsync fails is UNAVAILABLE, and a retry commits the chunk once."""
    await writer.push(chunk(0, 20, bad=1), item="item-0")
    raw = await writer.put(chunk(10, 20, bad=2))
    sync, calls = os.fsync, 0

    def fail(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == nth:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(descriptor)

    begun = await writer.begin(chunk(10, 20, bad=2), "run-1", "item-1")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RemoteError) as refused:
        await writer.commit(chunk(10, 20, bad=2), raw.raw, begun, "run-1")
    monkeypatch.setattr(os, "fsync", sync)
    receipt = await writer.push(chunk(10, 20, bad=2), item="item-1")

    assert refused.value.remote_reason == "SERVICE_UNAVAILABLE"
    assert (receipt.counts.canonical, receipt.counts.duplicates, receipt.counts.quarantined) == (10, 10, 2)
    assert (await writer.describe()).version == 2
    assert not (await writer.check()).faults


async def test_store_that_is_read_only(writer: Writer, chunk: Chunk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only store refuses writes as UNAVAILABLE, serves reads, and accepts the chunk once it is writable."""
    await writer.push(chunk(0, 20), item="item-0")
    plain = os.open

    def refuse(path: str | Path, flags: int, *mode: int, **rest: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR) and "canonical" in str(path):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return plain(path, flags, *mode, **rest)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(RemoteError) as refused:
        await writer.push(chunk(20, 20), item="item-1")
    read = await writer.records(page_size=100)
    monkeypatch.setattr(os, "open", plain)
    receipt = await writer.push(chunk(20, 20), item="item-1")

    assert refused.value.remote_reason == "SERVICE_UNAVAILABLE"
    assert len(read.records) == 20
    assert receipt.counts.canonical == 20
    assert not (await writer.check()).faults


async def test_refused_replacement_leaves_no_file(
    storage: Host, chunk: Chunk, tmp_path: Path, fill_disk_at: Callable[[CommitFailpoint], None]
) -> None:
    """A commit that fails after rewriting the files of replaced records (policy ``last``) leaves no data file behind."""
    writer = Writer(storage.clients("normalizer"), policy="last")
    await writer.push(chunk(0, 20), item="item-0")
    folder = tmp_path / "data/canonical/tenant-demo/proj-sales/sales-events"
    before = sorted(folder.glob("part-*.parquet"))
    fill_disk_at(CommitFailpoint.REPLACED_REWRITTEN)
    with pytest.raises(RemoteError):
        await writer.push(chunk(10, 20, amount="2.50"), item="item-1")
    assert sorted(folder.glob("part-*.parquet")) == before
    receipt = await writer.push(chunk(10, 20, amount="2.50"), item="item-1")
    assert receipt.counts.canonical == 20
    assert not (await writer.check()).faults


async def test_second_ticket_of_a_chunk_leaves_no_staged_file(writer: Writer, chunk: Chunk, tmp_path: Path) -> None:
    """Of two tickets for one chunk the second one is answered with the receipt, and both folders are removed."""
    content = chunk(0, 20)
    raw = (await writer.put(content)).raw
    tickets = [await writer.begin(content, "run-1", "item-0") for _ in range(2)]
    first, second = [(await writer.commit(content, raw, begun, "run-1")).receipt for begun in tickets]
    assert (first.dataset_version, second.dataset_version) == (1, 1)
    assert second.replayed or second.counts == first.counts
    assert not list((tmp_path / "data" / "staging").iterdir())


async def test_refused_compaction_leaves_no_file(storage: Host, writer: Writer, chunk: Chunk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compaction whose merged file can't be synced leaves no data file behind, and can be retried."""
    for number in range(4):
        await writer.push(chunk(20 * number, 20), item=f"item-{number}")
    service, key = storage.service("storage"), DatasetKey("tenant-demo", "proj-sales", "sales-events")
    assert isinstance(service, StorageService)
    compactor = compaction.Compactor(service._committer.stores, Limits(table_small_files_max=2), storage.metadata, storage.logger)
    folder = storage.config.data_path / "canonical/tenant-demo/proj-sales/sales-events"

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    before = sorted(folder.glob("part-*.parquet"))
    with monkeypatch.context() as patched:
        patched.setattr(compaction, "sync_folder", fail)
        with pytest.raises(StoreUnavailable):
            compactor.compact(key)
    assert sorted(folder.glob("part-*.parquet")) == before
    assert compactor.compact(key)


async def test_refused_reprocess_leaves_no_file(storage: Host, writer: Writer, chunk: Chunk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reprocess that fails between writing its files and its commit leaves no data file behind, and can be retried."""
    await writer.push(chunk(0, 20, bad=2), item="item-0")
    job = ReprocessSteps(storage.clients("normalizer"), requiredFields=["event_id"])
    await job.dry_run()
    root = storage.config.data_path / "canonical/tenant-demo/proj-sales"

    def fail(*_: object) -> None:
        raise Corrupt("table file", "can't be read")

    before = sorted(root.rglob("part-*.parquet"))
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "locate_rows", fail)
        with pytest.raises(RemoteError):
            await job.apply()
    assert sorted(root.rglob("part-*.parquet")) == before
    assert (await job.apply()).version == 2
    assert len(sorted(root.rglob("part-*.parquet"))) > len(before)
