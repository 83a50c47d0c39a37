"""Reads of datasets, quarantine and blobs over gRPC."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow.parquet as pq
import pytest
from google.protobuf.json_format import MessageToDict

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.v1 import blob_pb2, dataset_pb2, quarantine_pb2, reprocess_pb2

from .conftest import Writer

Chunk = Callable[..., bytes]


async def test_pages_stay_at_the_first_pages_version(writer: Writer, chunk: Chunk) -> None:
    """Pages return each record of the first page's version once, in one order, although other chunks are committed meanwhile."""
    await writer.push(chunk(0, 10))
    await writer.push(chunk(10, 15))
    first = await writer.records(page_size=10)
    await writer.push(chunk(25, 10))
    second = await writer.records(page_size=10, page_token=first.next_page_token)
    third = await writer.records(page_size=10, page_token=second.next_page_token)

    pages = (first, second, third)
    assert [len(page.records) for page in pages] == [10, 10, 5]
    assert [page.version for page in pages] == [2, 2, 2]
    assert not third.next_page_token
    ids = [record["event_id"] for page in pages for record in page.records]
    assert ids == [f"sale_{number:06d}" for number in range(25)]


async def test_record_shows_payload_and_origin(writer: Writer, chunk: Chunk) -> None:
    """A record is returned with its payload, id, raw reference, profile and run."""
    content = chunk(0, 2)
    await writer.push(content, run="run-7")
    record = (await writer.records()).records[1]

    assert record["event_id"] == "sale_000001"
    assert (record["amount"], record["occurred_at"]) == (1.5, "2026-02-01T12:00:01Z")
    assert str(record["record_id"]).startswith("sha256:")
    assert (record["_source_id"], record["_run_id"]) == ("shop", "run-7")
    assert record["_raw_sha256"] == hashlib.sha256(content).hexdigest()
    place = MessageToDict(record)
    start, length = int(place["raw_offset"]), int(place["raw_length"])
    assert json.loads(content[start : start + length])["id"] == "sale_000001"


async def test_filter_compares_by_type(writer: Writer, chunk: Chunk) -> None:
    """A filter compares texts, numbers and instants by their type; a record must match all terms."""
    await writer.push(chunk(0, 20))

    async def found(text: str) -> int:
        return len((await writer.records(filter=text)).records)

    assert await found("event_id=sale_000003") == 1
    assert await found("amount=1.5") == 20
    assert await found("occurred_at=2026-02-01T12:00:05Z") == 1
    assert await found("customer_id=c1 AND amount=1.50") == 3
    assert await found("customer_id='c1' AND amount=1.50") == 3
    assert await found("customer_id=c' OR 1=1 --") == 0
    assert await found('customer_id="\' OR 1=1 --"') == 0


@pytest.mark.parametrize("text", ["event_id", "nobody=1", "customer_id=' OR 1=1", "amount=abc", "a=1 AND a=2"])
async def test_malformed_filter_is_refused(writer: Writer, chunk: Chunk, text: str) -> None:
    """A filter with an unknown field, a value of the wrong type or a malformed term is BAD_FILTER."""
    await writer.push(chunk(0, 2))

    with pytest.raises(RemoteError) as refused:
        await writer.records(filter=text)

    assert refused.value.remote_reason == "BAD_FILTER"


async def test_older_version_can_be_read(writer: Writer, chunk: Chunk) -> None:
    """A read of an older version returns its rows."""
    await writer.push(chunk(0, 10))
    await writer.push(chunk(10, 10))

    assert len((await writer.records(version=1)).records) == 10
    snapshot = await writer.clients.dataset.OpenSnapshot(dataset_pb2.OpenSnapshotRequest(dataset="sales-events", version=1))
    files = [Path(urlsplit(uri).path) for uri in snapshot.file_uris]
    assert sum(pq.read_metadata(file).num_rows for file in files) == 10
    with pytest.raises(RemoteError) as refused:
        await writer.records(version=3)
    assert refused.value.remote_reason == "DATASET_UNKNOWN"


async def test_a_version_is_read_with_the_columns_that_it_had(storage: Host, make_writer: Callable[..., Writer], chunk: Chunk) -> None:
    """A version is returned without columns that later commits added; a column that only older versions had is null."""
    await make_writer(storage).push(chunk(0, 3))
    grown = make_writer(storage, extra={"shop": "$.shop"}, extra_contract={"shop": {"type": "string"}})
    await grown.push(b'{"id": "sale_9", "at": "2026-02-01T12:00:00Z", "amount": 1, "shop": "north"}\n')
    assert [record["shop"] for record in (await grown.records(filter="shop=north")).records] == ["north"]
    earlier = (await grown.records(version=1)).records
    assert ["shop" in record for record in earlier] == [False] * 3
    with pytest.raises(RemoteError) as refused:
        await grown.records(version=1, filter="shop=north")
    assert refused.value.remote_reason == "BAD_FILTER"

    await grown.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset=grown.dataset, version=1))
    assert "shop" in [column.name for column in (await grown.describe()).columns]
    assert [record["event_id"] for record in (await grown.records()).records] == [record["event_id"] for record in earlier]
    assert not (await grown.records(filter="shop=north")).records


async def test_datasets_are_listed_by_name(storage: Host, make_writer: Callable[..., Writer], chunk: Chunk) -> None:
    """Datasets are listed in pages, ordered by name; an unknown dataset is NOT_FOUND."""
    for name in ("b-set", "a-set", "c-set"):
        await make_writer(storage, dataset=name).push(chunk(0, 3))
    clients = storage.clients("x")
    first = await clients.dataset.ListDatasets(dataset_pb2.ListDatasetsRequest(page_size=2))
    rest = await clients.dataset.ListDatasets(dataset_pb2.ListDatasetsRequest(page_size=2, page_token=first.next_page_token))

    assert [[d.dataset for d in page.datasets] for page in (first, rest)] == [["a-set", "b-set"], ["c-set"]]
    with pytest.raises(RemoteError) as refused:
        await clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="nobody"))
    assert refused.value.remote_reason == "DATASET_UNKNOWN"


async def test_quarantined_record_shows_its_bytes(writer: Writer, chunk: Chunk) -> None:
    """A quarantined record is returned with all its violations, its raw reference and its payload."""
    await writer.push(chunk(0, 4, bad=3), run="run-9")
    ask = quarantine_pb2.ListQuarantinedRecordsRequest(page_size=2, run_id="run-9", reason="CONTRACT_VIOLATION")
    first = await writer.clients.quarantine.ListQuarantinedRecords(ask)
    ask.page_token = first.next_page_token
    rest = await writer.clients.quarantine.ListQuarantinedRecords(ask)

    ids = [record.quarantine_id for page in (first, rest) for record in page.records]
    assert len(set(ids)) == 3
    one = await writer.clients.quarantine.GetQuarantinedRecord(quarantine_pb2.GetQuarantinedRecordRequest(quarantine_id=ids[0]))
    assert json.loads(one.payload)["amount"] == -1
    assert (one.violations[0].reason, one.violations[0].path) == ("CONTRACT_VIOLATION", "/amount")
    assert (one.dataset, one.source_id, one.state) == ("sales-events", "shop", "open")
    assert not first.records[0].payload


async def test_blob_is_stored_once_and_checked(writer: Writer, tmp_path: Path) -> None:
    """Equal bytes are one blob. A flipped byte is CORRUPT, and storing the bytes a second time repairs the blob."""
    content = b'{"id": 1}\n' * 300_000
    first, again = await writer.put(content), await writer.put(content)
    assert (first.created, again.created) == (True, False)
    assert first.raw == again.raw

    async def read(**asked: int) -> bytes:
        request = blob_pb2.GetBlobRequest(sha256=first.raw.sha256, **asked)
        return b"".join([part.data async for part in writer.clients.blob.GetBlob(request)])

    assert await read() == content
    assert await read(offset=10, length=10) == content[10:20]
    path = tmp_path / "data" / "raw" / first.raw.key
    path.write_bytes(content[:-1] + b"x")
    with pytest.raises(RemoteError) as refused:
        await read()
    assert refused.value.remote_reason == "CORRUPT"
    await writer.put(content)
    assert await read() == content


async def test_unknown_blob_is_not_found(writer: Writer) -> None:
    """A digest that was never stored is BLOB_UNKNOWN."""
    with pytest.raises(RemoteError) as refused:
        async for _ in writer.clients.blob.GetBlob(blob_pb2.GetBlobRequest(sha256="0" * 64)):
            pass
    assert refused.value.remote_reason == "BLOB_UNKNOWN"


async def test_usage_counts_what_is_kept(writer: Writer, chunk: Chunk) -> None:
    """GetStorageUsage counts blobs, their bytes, datasets and quarantined records."""
    content = chunk(0, 4, bad=2)
    await writer.push(content)
    usage = await writer.clients.dataset.GetStorageUsage(dataset_pb2.GetStorageUsageRequest())

    assert (usage.blobs, usage.blob_bytes, usage.datasets, usage.quarantined) == (1, len(content), 1, 2)
