"""Rollups over gRPC: their output, their ledger entries, and who sees them."""

import asyncio
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from google.protobuf.json_format import MessageToDict

from chartly.platform.errors import RemoteError
from chartly.platform.identity.scope import Scope
from chartly.v1 import analytics_pb2 as pb
from chartly.v1 import audit_pb2, blob_pb2, dataset_pb2, quarantine_pb2, registry_pb2, reprocess_pb2
from tests.integration.pipeline.conftest import PROJECT, Pipeline, sale

from .conftest import SERVICES, StartHost, push, query, rollup, rows, sales


async def test_rollup_replaces_its_output(begun: Pipeline) -> None:
    """A rollup's rows are a dataset of their own, over whole windows."""
    answer = await rollup(begun)
    assert (answer.dataset, answer.dataset_version, answer.rows) == ("sales-rollup-daily", 1, 6)
    assert answer.input.dataset == "sales-events"

    found = await query(begun, 'SELECT day, currency, orders, total_amount FROM "sales-rollup-daily" ORDER BY ALL LIMIT 2')
    assert rows(found) == [["2026-02-02T00:00:00Z", "EUR", 2, 0.2], ["2026-02-02T00:00:00Z", "USD", 2, 0.2]]


async def test_repeated_rollup_changes_nothing(begun: Pipeline) -> None:
    """The same input gives the same version, in a retry and in a later run; new input gives a new version."""
    first, retry, later = await rollup(begun), await rollup(begun), await rollup(begun, "run-2")
    assert first == retry == later

    await push(begun, sales(15), "item-1")
    assert (await rollup(begun, "run-3")).dataset_version == 2


async def test_rollup_keeps_no_window_that_its_input_lost(begun: Pipeline) -> None:
    """A window whose records are not in the input any more is removed: the output depends on one input version only."""
    await push(begun, [sale(99, timestamp="2020-01-01T12:00:00Z")], "item-1")
    before = await rollup(begun)
    key = reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=1)
    await begun.clients.reprocess.RollbackDataset(key)

    after = await rollup(begun, "run-2")
    assert (before.rows, after.rows) == (7, 6)
    found = await query(begun, 'SELECT min(day) FROM "sales-rollup-daily"')
    assert rows(found) == [["2026-02-02T00:00:00Z"]]


ROLLUP = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {{kind: analytics, name: named, version: 1.0.0, description: A rollup of one query, owners: ["team:data"]}}
spec:
  inputs: {{dataset: sales-events}}
  queryTemplate: {{dialect: sql, text: '{sql}'}}
  outputs: {{dataset: sales-named}}
"""


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("SELECT amount AS _v FROM {{{{dataset}}}}", "the column _v "),
        ("SELECT * FROM {{{{dataset}}}}", "the column _ingested_at "),
        ('SELECT amount AS "É", currency AS "é" FROM {{{{dataset}}}}', "two columns are named é"),
        ("SELECT amount AS File_Row_Number FROM {{{{dataset}}}}", "the column File_Row_Number "),
    ],
)
async def test_rollup_of_columns_that_no_dataset_can_have_is_refused(begun: Pipeline, sql: str, named: str) -> None:
    """The refusal names the column, and no version of the derived dataset is made."""
    reference = f"{PROJECT}::analytics/named@1.0.0"
    await begun.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=ROLLUP.format(sql=sql.format())))

    with pytest.raises(RemoteError) as refusal:
        await begun.clients.analytics.RunRollup(pb.RunRollupRequest(run_id="run-1", analytics=await begun.frozen("analytics/named@1.0.0")))

    assert refusal.value.remote_reason == "QUERY_REFUSED"
    assert named in refusal.value.message
    with pytest.raises(RemoteError) as unknown:
        await begun.clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="sales-named"))
    assert unknown.value.remote_reason == "DATASET_UNKNOWN"


async def test_rollup_does_not_depend_on_chunks(start_host: StartHost, tmp_path: Any) -> None:
    """The same records in any chunks and order give the same rollup, sums of floats included."""
    hashes: list[str] = []
    for name, chunks in (("one", [sales(90)]), ("many", [sales(90)[start : start + 30] for start in (60, 0, 30)])):
        pipeline = Pipeline(await start_host(*SERVICES, data_dir=str(tmp_path / name)))
        await pipeline.put_domain("sales")
        for place, chunk in enumerate(chunks):
            await push(pipeline, chunk, f"item-{place}")
        await rollup(pipeline)
        ask = dataset_pb2.GetDatasetRequest(dataset="sales-rollup-daily")
        hashes.append((await pipeline.clients.dataset.GetDataset(ask)).content_hash)
    assert hashes[0] == hashes[1]


async def test_executed_queries_are_in_the_ledger(begun: Pipeline) -> None:
    """The ledger has one entry of each query and each rollup, with digest and inputs."""
    await query(begun, 'SELECT count(*) FROM "sales-events"')
    await rollup(begun)
    await rollup(begun)
    request = audit_pb2.ListEventsRequest(type="analytics.query.executed")
    async with asyncio.timeout(30):
        while len((await begun.clients.audit.ListEvents(request)).events) < 2:  # noqa: ASYNC110 - the outbox delivers in the background
            await asyncio.sleep(0.05)

    events = [MessageToDict(event) for event in (await begun.clients.audit.ListEvents(request)).events]
    assert [event["subject"].split("/")[0] for event in events] == ["query", "dataset"]
    assert events[1]["subject"] == "dataset/sales-rollup-daily"
    assert events[0]["details"]["inputs"][0]["dataset"] == "sales-events"
    assert "SELECT" not in str(events)


async def test_derived_dataset_is_in_the_ledger(begun: Pipeline) -> None:
    """A rollup's commit has one ledger entry with its inputs."""
    await rollup(begun)
    await rollup(begun, "run-2")
    listed = await begun.clients.audit.ListEvents(audit_pb2.ListEventsRequest(type="dataset.updated"))

    received = [event for event in listed.events if event.subject == "dataset/sales-rollup-daily"]
    assert len(received) == 1
    details = MessageToDict(received[0].details)
    assert details["inputs"][0]["dataset"] == "sales-events"
    assert details["analytics_hash"].startswith("sha256:")
    assert details["content_hash"].startswith("sha256:")


async def test_storage_profile_rules_the_table(begun: Pipeline) -> None:
    """The sales table is partitioned by day, and sorted and indexed by the profile's fields."""
    snapshot = await begun.clients.dataset.OpenSnapshot(dataset_pb2.OpenSnapshotRequest(dataset="sales-events"))
    table = DeltaTable(snapshot.table_uri)
    files = pa.table(table.get_add_actions(flatten=True)).to_pylist()

    assert table.metadata().partition_columns == ["_partition_occurred_at"]
    days = sorted(file["partition._partition_occurred_at"] for file in files)
    assert days == ["2026-02-02", "2026-02-03", "2026-02-04"]
    for file in files:
        assert (file["min.event_id"], file["max.event_id"]) < ("sale_012", "sale_012")
        assert str(file["min.occurred_at"])[:10] == file["partition._partition_occurred_at"]


async def test_projects_see_nothing_of_each_other(begun: Pipeline, start_host: StartHost) -> None:
    """Another project has neither the dataset, nor the blob, nor the table of a query."""
    scope = Scope("user:eve", "tenant-demo", "other", frozenset({"operator"}))
    clients = begun.clients.acting(scope)
    blob = (await begun.put_blob(b"secret")).sha256

    async def read() -> None:
        async for _ in clients.blob.GetBlob(blob_pb2.GetBlobRequest(sha256=blob)):
            pass

    with pytest.raises(RemoteError) as unknown:
        await clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="sales-events"))
    assert unknown.value.remote_reason == "DATASET_UNKNOWN"
    with pytest.raises(RemoteError) as unknown:
        await read()
    assert unknown.value.remote_reason == "BLOB_UNKNOWN"
    with pytest.raises(RemoteError) as unknown:
        await clients.analytics.Query(pb.QueryRequest(sql='SELECT * FROM "sales-events"'))
    assert unknown.value.remote_reason == "DATASET_UNKNOWN"
    assert not (await clients.dataset.ListDatasets(dataset_pb2.ListDatasetsRequest())).datasets
    listed = await clients.quarantine.ListQuarantinedRecords(quarantine_pb2.ListQuarantinedRecordsRequest())
    assert not listed.records
