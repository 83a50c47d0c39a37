"""Maintenance of datasets: rebuild a lost index, report damage, compact small files, replace derived datasets."""

import asyncio
import hashlib
import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.storage.commit.write_folders import WriteFolders
from chartly.storage.maintenance import scheduler
from chartly.v1 import commit_pb2, dataset_pb2, maintenance_pb2, quarantine_pb2

from .conftest import Writer, as_service

Chunk = Callable[..., bytes]
StartHost = Callable[..., Awaitable[Host]]


async def replace(host: Host, table: pa.Table, key: str, item: str = "") -> commit_pb2.CommitReceipt:
    """Replace the derived dataset ``rollup``."""
    clients = host.clients("analytics")
    begun = await clients.commit.BeginWrite(
        commit_pb2.BeginWriteRequest(
            work_key=hashlib.sha256(key.encode()).hexdigest(),
            dataset="rollup",
            mode=commit_pb2.WRITE_MODE_REPLACE,
            submission_id=item,
        )
    )
    if begun.HasField("receipt"):
        return begun.receipt
    pq.write_table(table, Path(unquote(urlsplit(begun.staging_uri).path)) / "accepted.parquet")
    answer = await clients.commit.CommitWrite(commit_pb2.CommitWriteRequest(ticket=begun.ticket, accepted_file="accepted.parquet"))
    return answer.receipt


async def test_lost_index_is_rebuilt(start_host: StartHost, make_writer: Callable[..., Writer], chunk: Chunk, tmp_path: Path) -> None:
    """A lost index is rebuilt from the table."""
    with as_service():
        host = await start_host("storage")
        await make_writer(host).push(chunk(0, 50))
        await host.stop()
        shutil.rmtree(tmp_path / "data" / "dedupe")
        writer = make_writer(await start_host("storage"))
        receipt = await writer.push(chunk(40, 20))

        assert (receipt.counts.canonical, receipt.counts.duplicates) == (10, 10)
        assert not (await writer.check()).faults


async def test_expiry_of_tickets_survives_an_error(start_host: StartHost, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for expired tickets goes on after it failed, for example because a folder can't be removed."""
    monkeypatch.setattr(scheduler, "_TICKETS_S", 0.05)
    searched = asyncio.Semaphore(0)

    async def fail(_: WriteFolders) -> None:
        searched.release()
        raise PermissionError

    monkeypatch.setattr(WriteFolders, "expire", fail)
    await start_host("storage")
    async with asyncio.timeout(30):
        await searched.acquire()
        await searched.acquire()


async def test_damaged_index_is_rebuilt(start_host: StartHost, make_writer: Callable[..., Writer], chunk: Chunk, tmp_path: Path) -> None:
    """An index with truncated files is set aside and rebuilt."""
    with as_service():
        host = await start_host("storage")
        await make_writer(host).push(chunk(0, 50))
        await host.stop()
        for path in (tmp_path / "data" / "dedupe").rglob("*"):
            if path.is_file():
                path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        writer = make_writer(await start_host("storage"))
        receipt = await writer.push(chunk(40, 20))

        assert (receipt.counts.canonical, receipt.counts.duplicates) == (10, 10)
        assert not (await writer.check()).faults


async def test_flipped_byte_of_a_data_file_is_named(writer: Writer, chunk: Chunk, tmp_path: Path) -> None:
    """CheckDataset names the file whose bytes changed."""
    await writer.push(chunk(0, 50))
    path = next((tmp_path / "data" / "canonical").rglob("part-*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)

    faults = (await writer.check()).faults
    assert any(path.name in fault for fault in faults)


@pytest.mark.parametrize("folder", ["sales-events", "_quarantine"])
async def test_flipped_byte_is_never_served(
    start_host: StartHost, make_writer: Callable[..., Writer], chunk: Chunk, tmp_path: Path, folder: str
) -> None:
    """A changed byte anywhere in a data file makes reads CORRUPT with the file's name; no row of the file is returned."""
    with as_service():
        host = await start_host("storage")
        await make_writer(host).push(chunk(0, 50, bad=5))
        path = next((tmp_path / "data/canonical/tenant-demo/proj-sales" / folder).rglob("part-*.parquet"))
        good = path.read_bytes()
        for place in (10, len(good) // 2, len(good) - 12):
            await host.stop()
            path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
            host = await start_host("storage")
            writer = make_writer(host)
            asked = quarantine_pb2.ListQuarantinedRecordsRequest()
            read = writer.records if folder == "sales-events" else partial(writer.clients.quarantine.ListQuarantinedRecords, asked)
            with pytest.raises(RemoteError) as refused:
                await read()
            assert refused.value.remote_reason == "CORRUPT"
            assert path.name in str(refused.value.message)


async def test_table_that_lost_a_commit_is_refused(
    start_host: StartHost, make_writer: Callable[..., Writer], chunk: Chunk, tmp_path: Path
) -> None:
    """A table behind the metadata database accepts no further commits, since they would hide the loss."""
    with as_service():
        host = await start_host("storage")
        await make_writer(host).push(chunk(0, 10))
        await make_writer(host).push(chunk(10, 10))
        await host.stop()
        log = tmp_path / "data/canonical/tenant-demo/proj-sales/sales-events/_delta_log"
        max(log.glob("*.json")).unlink()
        with pytest.raises(RemoteError) as refused:
            await make_writer(await start_host("storage")).push(chunk(20, 10))

    assert refused.value.remote_reason == "CORRUPT"


async def test_second_process_is_refused(storage: Host, start_host: StartHost) -> None:
    """A second storage process on the same data directory is refused."""
    with pytest.raises(Exception, match="Another process runs this service on this data directory"):
        await start_host("storage", server__listen="127.0.0.1:0")


async def test_small_files_are_merged(start_host: StartHost, make_writer: Callable[..., Writer], chunk: Chunk) -> None:
    """Compaction of many small commits leaves few files, and rows, hash and older versions stay the same."""
    with as_service():
        host = await start_host("storage", limits__table_small_files_max=6)
        writer = make_writer(host)
        for start in range(0, 120, 10):
            await writer.push(chunk(start, 10, bad=1))
        async with asyncio.timeout(60):
            while len((await snapshot(writer)).file_uris) > 7:  # noqa: ASYNC110 - what is awaited is another service's state
                await asyncio.sleep(0.1)

        dataset = await writer.describe()
        assert (dataset.version, dataset.rows) == (12, 120)
        assert not (await writer.check()).faults
        assert len((await writer.records(version=3, page_size=1000)).records) == 30
        await writer.push(chunk(120, 10))
        assert (await writer.describe()).rows == 130


async def snapshot(writer: Writer) -> dataset_pb2.OpenSnapshotResponse:
    """Open the last version."""
    return await writer.clients.dataset.OpenSnapshot(dataset_pb2.OpenSnapshotRequest(dataset=writer.dataset))


async def test_derived_dataset_is_replaced(storage: Host) -> None:
    """A new key replaces all rows and columns; the current key returns its receipt."""
    first = await replace(storage, pa.table({"day": ["a", "b"], "total": [1.5, 2.0]}), "v1")
    again = await replace(storage, pa.table({"day": ["a", "b"], "total": [1.5, 2.0]}), "v1")
    second = await replace(storage, pa.table({"day": ["a"], "orders": [3]}), "v2")
    clients = storage.clients("x")
    dataset = await clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="rollup"))
    records = await clients.dataset.ListDatasetRecords(dataset_pb2.ListDatasetRecordsRequest(dataset="rollup"))

    assert (first.dataset_version, again.dataset_version, second.dataset_version) == (1, 1, 2)
    assert dataset.derived
    assert [dict(record) for record in records.records] == [{"day": "a", "orders": 3.0}]
    assert not (await clients.maintenance.CheckDataset(maintenance_pb2.CheckDatasetRequest(dataset="rollup"))).faults


async def test_derived_hash_depends_on_rows_alone(storage: Host) -> None:
    """A derived dataset's hash does not depend on the order of rows or on earlier contents."""
    first = await replace(storage, pa.table({"day": ["a", "b"], "total": [1.5, 2.0]}), "v1")
    await replace(storage, pa.table({"day": ["c"], "total": [9.0]}), "v2")
    back = await replace(storage, pa.table({"day": ["b", "a"], "total": [2.0, 1.5]}), "v1", item="item-9")

    assert back.content_hash == first.content_hash
    assert back.dataset_version == 3


async def test_canonical_dataset_is_not_replaced(writer: Writer, storage: Host, chunk: Chunk) -> None:
    """Replacing a canonical dataset is refused."""
    await writer.push(chunk(0, 3))
    clients = storage.clients("analytics")
    begun = await clients.commit.BeginWrite(
        commit_pb2.BeginWriteRequest(work_key="a" * 64, dataset=writer.dataset, mode=commit_pb2.WRITE_MODE_REPLACE)
    )
    pq.write_table(pa.table({"x": [1]}), Path(unquote(urlsplit(begun.staging_uri).path)) / "accepted.parquet")
    with pytest.raises(RemoteError) as refused:
        await clients.commit.CommitWrite(commit_pb2.CommitWriteRequest(ticket=begun.ticket, accepted_file="accepted.parquet"))
    assert refused.value.remote_reason == "INVALID_REQUEST"


async def test_tickets_are_bounded(start_host: StartHost, make_writer: Callable[..., Writer], chunk: Chunk) -> None:
    """An open write beyond the bound is refused with a time to retry."""
    with as_service():
        writer = make_writer(await start_host("storage", limits__write_tickets_max=2))
        await writer.begin(chunk(0, 1), "run-1", "a")
        await writer.begin(chunk(1, 1), "run-1", "b")
        with pytest.raises(RemoteError) as refused:
            await writer.begin(chunk(2, 1), "run-1", "c")

    assert refused.value.remote_reason == "QUEUE_FULL"
    assert refused.value.retry_after_s
