"""A storage process that is killed during a compaction, replacement or retention loses no record and stores none twice."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chartly.platform.errors import RemoteError
from chartly.storage.commit.failpoints import CommitFailpoint
from chartly.v1 import commit_pb2, common_pb2, dataset_pb2, maintenance_pb2, registry_pb2

from .conftest import Writer, ndjson, sale
from .test_storage_kill import Process, start_process

__all__ = ["start_process"]

COMPACTS = ("limits.table_small_files_max=4",)
KEEPS = ("services=registry,storage,audit", "limits.retention_every_s=1000000")
PROFILE = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {kind: storage, name: kept, version: 1.0.0, description: Kept for thirty days, owners: ["team:data"]}
spec: {dataset: sales-events, retentionDays: 30, retentionBy: occurred_at}
"""
Start = Callable[..., Any]


async def killed(process: Process) -> None:
    """Wait until the process has killed itself."""
    async with asyncio.timeout(60):
        while not await process.died():
            pass


@pytest.mark.parametrize("point", [CommitFailpoint.COMPACTION_WRITTEN, CommitFailpoint.TABLE_COMPACTED, CommitFailpoint.COMPACTION_NOTED])
async def test_kill_while_compacting(point: CommitFailpoint, start_process: Start) -> None:
    """After a kill during compaction the table has the same rows, accepts the same chunks, and its older versions can be read."""
    process = await start_process(point.value, "1", *COMPACTS)
    writer = Writer(process.clients)
    contents = [ndjson(sale(n) for n in range(start, start + 10)) for start in range(0, 100, 10)]
    for content in contents:
        try:
            await writer.push(content)
        except RemoteError:
            break
    await killed(process)
    await process.start(*COMPACTS)
    receipts = [await writer.push(content) for content in contents]

    assert sum(receipt.chunk_counts.canonical for receipt in receipts) == 100
    assert (await writer.describe()).rows == 100
    assert not (await writer.check()).faults
    assert len((await writer.records(version=2, page_size=1000)).records) == 20


@pytest.mark.parametrize(
    "point",
    [CommitFailpoint.REPLACED_REWRITTEN, CommitFailpoint.ROW_PREPARED, CommitFailpoint.TABLE_COMMITTED, CommitFailpoint.INDEX_APPLIED],
)
async def test_kill_while_replacing_records(point: CommitFailpoint, start_process: Start) -> None:
    """After a kill during a replacement of records (policy ``last``), each key has its newest record once."""
    process = await start_process(point.value, "1" if point is CommitFailpoint.REPLACED_REWRITTEN else "2")
    writer = Writer(process.clients, policy="last")
    contents = [ndjson(sale(n) for n in range(30)), ndjson(sale(n, "9") for n in range(20, 40))]
    await writer.push(contents[0])
    with pytest.raises(RemoteError):
        await writer.push(contents[1])
    await killed(process)
    await process.start()
    for content in contents:
        await writer.push(content)
    dataset = await writer.describe()
    fresh = Writer(process.clients, dataset="fresh", policy="last")
    await fresh.push(ndjson([*(sale(n) for n in range(20)), *(sale(n, "9") for n in range(20, 40))]))

    assert (dataset.version, dataset.rows) == (2, 40)
    assert dataset.content_hash == (await fresh.describe()).content_hash
    assert not (await writer.check()).faults


async def replace(process: Process, total: float) -> commit_pb2.CommitReceipt:
    """Replace the derived dataset ``rollup``."""
    commits = process.clients.commit
    key = hashlib.sha256(str(total).encode()).hexdigest()
    begun = await commits.BeginWrite(commit_pb2.BeginWriteRequest(work_key=key, dataset="rollup", mode=commit_pb2.WRITE_MODE_REPLACE))
    if begun.HasField("receipt"):
        return begun.receipt
    pq.write_table(pa.table({"day": ["a"], "total": [total]}), Path(unquote(urlsplit(begun.staging_uri).path)) / "accepted.parquet")
    return (await commits.CommitWrite(commit_pb2.CommitWriteRequest(ticket=begun.ticket, accepted_file="accepted.parquet"))).receipt


@pytest.mark.parametrize("point", [CommitFailpoint.FILES_DURABLE, CommitFailpoint.ROW_PREPARED, CommitFailpoint.TABLE_COMMITTED])
async def test_kill_while_replacing_a_derived_dataset(point: CommitFailpoint, start_process: Start) -> None:
    """After a kill during a replacement a derived dataset is the old or the new one; after a retry it is the new one."""
    process = await start_process(point.value, "2")
    await replace(process, 1.0)
    with pytest.raises(RemoteError):
        await replace(process, 2.0)
    await killed(process)
    await process.start()
    receipt = await replace(process, 2.0)
    answer = await process.clients.dataset.ListDatasetRecords(dataset_pb2.ListDatasetRecordsRequest(dataset="rollup"))

    assert receipt.dataset_version == 2
    assert [dict(record) for record in answer.records] == [{"day": "a", "total": 2.0}]
    assert not (await process.clients.maintenance.CheckDataset(maintenance_pb2.CheckDatasetRequest(dataset="rollup"))).faults


KILLS = [
    (CommitFailpoint.EXPIRED_WRITTEN, "1"),
    *((point, "2") for point in (CommitFailpoint.ROW_PREPARED, CommitFailpoint.TABLE_COMMITTED, CommitFailpoint.INDEX_APPLIED)),
]


@pytest.mark.parametrize(("point", "nth"), KILLS)
async def test_kill_during_retention(point: CommitFailpoint, nth: str, start_process: Start) -> None:
    """After a kill during retention the expired records are removed once, and the index still has their keys."""
    process = await start_process(point.value, nth, *KEEPS)
    reference = "tenant-demo/proj-sales::storage/kept@1.0.0"
    registry = process.clients.registry
    await registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=PROFILE))
    frozen = (await registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=reference))).frozen
    writer = Writer(process.clients, storage=common_pb2.FrozenProfile(ref=frozen.ref, hash=frozen.hash))
    recent = datetime.now(UTC) - timedelta(days=1)
    old = [{**sale(n), "at": "2020-01-01T00:00:00Z"} for n in range(20)]
    await writer.push(ndjson([*old, *({**sale(n), "at": f"{recent:%Y-%m-%dT%H:%M:%SZ}"} for n in range(20, 30))]))
    with pytest.raises(RemoteError):
        await writer.clients.maintenance.ApplyRetention(maintenance_pb2.ApplyRetentionRequest(dataset=writer.dataset))
    await killed(process)
    await process.start(*KEEPS)
    await writer.clients.maintenance.ApplyRetention(maintenance_pb2.ApplyRetentionRequest(dataset=writer.dataset))
    dataset = await writer.describe()

    assert (dataset.version, dataset.rows) == (2, 10)
    assert not (await writer.check()).faults
    again = await writer.push(ndjson([*old, sale(50)]))
    assert (again.counts.canonical, again.counts.quarantined) == (1, 20)
    assert not (await writer.check()).faults
