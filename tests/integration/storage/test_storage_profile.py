"""A table follows its storage profile: partitions, order, statistics, bloom filters, and a schema that only gains columns."""

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.v1 import common_pb2, registry_pb2
from chartly.v1 import dataset_pb2 as pb

from .conftest import Writer, as_service

Chunk = Callable[..., bytes]
PROFILE = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {kind: storage, name: cut, version: 1.0.0, description: Cut by day, owners: ["team:data"]}
spec:
  dataset: sales-events
  partitioning: {by: [occurred_at], granularity: day}
  indexing: {fields: [customer_id, event_id]}
"""


@pytest.fixture
async def profiled(start_host: Callable[..., Awaitable[Host]]) -> AsyncIterator[Writer]:
    """Return a writer with the storage profile."""
    host = await start_host("registry", "storage")
    with as_service():
        clients = host.clients("normalizer")
        reference = "tenant-demo/proj-sales::storage/cut@1.0.0"
        await clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=PROFILE))
        frozen = (await clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=reference))).frozen
        yield Writer(clients, storage=common_pb2.FrozenProfile(ref=frozen.ref, hash=frozen.hash))


async def files(writer: Writer) -> tuple[Path, list[Path]]:
    """Return the table's folder and its files."""
    snapshot = await writer.clients.dataset.OpenSnapshot(pb.OpenSnapshotRequest(dataset=writer.dataset))
    return Path(urlsplit(snapshot.table_uri).path), [Path(urlsplit(uri).path) for uri in snapshot.file_uris]


async def test_partitions_are_those_of_the_profile(profiled: Writer, chunk: Chunk) -> None:
    """Records are partitioned by day, in files and in the table's log."""
    await profiled.push(chunk(0, 60, days=3))
    folder, paths = await files(profiled)
    table = DeltaTable(str(folder))
    actions = pa.table(table.get_add_actions(flatten=False)).to_pylist()
    days = sorted(action["partition"]["_partition_occurred_at"] for action in actions)

    assert table.metadata().partition_columns == ["_partition_occurred_at"]
    assert days == ["2026-02-01", "2026-02-02", "2026-02-03"]
    for path in paths:
        assert len({value.date() for value in pq.read_table(path, partitioning=None).column("occurred_at").to_pylist()}) == 1


async def test_rows_are_sorted_by_the_indexed_fields(profiled: Writer, chunk: Chunk) -> None:
    """Rows of a file are sorted by partition and indexed fields, which keeps the statistics of row groups narrow."""
    await profiled.push(chunk(0, 60, days=2))
    _, paths = await files(profiled)
    assert paths
    for path in paths:
        columns = pq.read_table(path, partitioning=None, columns=["occurred_at", "customer_id", "event_id"]).to_pylist()
        keys = [tuple(row.values()) for row in columns]
        assert all(one <= other for one, other in pairwise(keys))


async def test_indexed_fields_have_statistics_and_bloom_filters(profiled: Writer, chunk: Chunk) -> None:
    """Each indexed field has bounds and a bloom filter in the file's footer, and bounds in the table's log."""
    await profiled.push(chunk(0, 60))
    folder, paths = await files(profiled)
    group = pq.read_metadata(paths[0]).row_group(0)
    columns = {group.column(at).path_in_schema: group.column(at) for at in range(group.num_columns)}
    log = pa.table(DeltaTable(str(folder)).get_add_actions(flatten=True)).to_pylist()[0]

    for field in ("customer_id", "event_id"):
        assert columns[field].statistics.has_min_max
        assert (log[f"min.{field}"], log[f"max.{field}"]) == (columns[field].statistics.min, columns[field].statistics.max)
        assert columns[field].bloom_filter_length > 0
    assert columns["amount"].bloom_filter_length is None


async def test_schema_only_grows(profiled: Writer, chunk: Chunk) -> None:
    """A new field becomes a new column, which is null in older records. A field of another type is refused and changes nothing."""
    await profiled.push(chunk(0, 5))
    profiled.extra, profiled.extra_contract = {"place": "$.customer"}, {"place": {"type": "string"}}
    await profiled.push(chunk(5, 5))
    columns = {column.name: column.type for column in (await profiled.describe()).columns}
    profiled.extra = {"place": "$.at"}
    profiled.extra_contract = {"place": {"type": "string", "format": "date-time"}}
    with pytest.raises(RemoteError) as refused:
        await profiled.push(chunk(10, 5))

    assert columns["place"] == "string"
    assert refused.value.remote_reason == "CONTRACT_VIOLATION"
    assert (await profiled.describe()).version == 2
    records = (await profiled.records()).records
    assert [("place" in record) for record in records] == [False] * 5 + [True] * 5
