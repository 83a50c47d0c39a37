"""Queries, rollups and charts over gRPC, over committed records."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct, Value

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope
from chartly.v1 import analytics_pb2 as pb
from chartly.v1 import audit_pb2, blob_pb2, dataset_pb2, normalizer_pb2, quarantine_pb2, registry_pb2, reprocess_pb2

from .pipeline.conftest import PROJECT, Pipeline, page, sale

NOT_FOUND, INVALID_ARGUMENT = 5, 3
StartHost = Callable[..., Awaitable[Host]]
SERVICES = ("registry", "storage", "audit", "normalizer", "analytics")
CHART = {
    "data": {"dataset": "sales-rollup-daily"},
    "mark": "bar",
    "title": "Sales",
    "x": {"field": "day", "type": "temporal"},
    "y": {"field": "orders", "type": "quantitative"},
}


def sales(count: int) -> list[dict[str, Any]]:
    """Return sales of three days in two currencies."""
    return [
        sale(
            number,
            timestamp=f"2026-02-{2 + number % 3:02d}T12:00:00Z",
            totals={"amount": "0.10", "currency": "EUR" if number % 2 else "USD"},
        )
        for number in range(count)
    ]


@pytest.fixture
async def begun(start_host: StartHost) -> Pipeline:
    """The pipeline with the sales profiles and twelve sales."""
    pipeline = Pipeline(await start_host(*SERVICES))
    await pipeline.put_domain("sales")
    await push(pipeline, sales(12), "item-0")
    return pipeline


async def push(pipeline: Pipeline, records: list[dict[str, Any]], item: str) -> None:
    """Normalize a page of sales."""
    await pipeline.clients.normalizer.Normalize(
        normalizer_pb2.NormalizeRequest(
            run_id="run-1",
            source_id="sales-http",
            raw=await pipeline.put_blob(page(records)),
            normalizer=await pipeline.frozen("normalizer/sales-default@1.1.0"),
            storage=await pipeline.frozen("storage/sales-events@1.0.0"),
            item_key=item,
        )
    )


async def query(pipeline: Pipeline, sql: str, *parameters: Any, rows_max: int = 0) -> pb.QueryResponse:
    """Run a query."""
    values = [ParseDict(parameter, Value()) for parameter in parameters]
    return await pipeline.clients.analytics.Query(pb.QueryRequest(sql=sql, parameters=values, rows_max=rows_max))


async def rollup(pipeline: Pipeline, run: str = "run-1") -> pb.RunRollupResponse:
    """Run the sales domain's rollup."""
    frozen = await pipeline.frozen("analytics/sales-daily-rollup@1.1.0")
    return await pipeline.clients.analytics.RunRollup(pb.RunRollupRequest(run_id=run, analytics=frozen))


def rows(response: pb.QueryResponse) -> list[list[Any]]:
    """Return the rows as plain values."""
    return [list(row) for row in response.rows]


async def refused(pipeline: Pipeline, sql: str) -> str:
    """Return the reason of an error."""
    with pytest.raises(RemoteError) as refusal:
        await query(pipeline, sql)
    return refusal.value.remote_reason


async def test_query_reads_datasets_by_name(begun: Pipeline) -> None:
    """A dataset is a table with its name; the answer has the version that was read."""
    answer = await query(begun, 'SELECT currency, count(*) AS n FROM "sales-events" GROUP BY 1 ORDER BY 1')

    assert rows(answer) == [["EUR", 6], ["USD", 6]]
    assert [(column.name, column.type) for column in answer.columns] == [("currency", "VARCHAR"), ("n", "BIGINT")]
    assert [(version.dataset, version.version) for version in answer.inputs] == [("sales-events", 1)]
    assert answer.inputs[0].content_hash.startswith("sha256:")


async def test_query_binds_parameters(begun: Pipeline) -> None:
    """Parameters are bound as values, whatever they contain."""
    answer = await query(begun, 'SELECT count(*) FROM "sales-events" WHERE currency = $1 AND amount < $2', "EUR", 0.5)
    assert rows(answer) == [[6]]
    assert rows(await query(begun, 'SELECT count(*) FROM "sales-events" WHERE currency = $1', "' OR 1=1 --")) == [[0]]


async def test_query_is_cut_at_its_rows(begun: Pipeline) -> None:
    """At most the requested rows are returned, and the answer says whether there are more."""
    answer = await query(begun, 'SELECT event_id FROM "sales-events" ORDER BY 1', rows_max=5)
    assert (len(answer.rows), answer.truncated) == (5, True)


async def test_query_reads_the_version_that_it_names(begun: Pipeline) -> None:
    """A query reads the version that it names; a named dataset that the statement does not read is refused."""
    sql = 'SELECT count(*) FROM "sales-events"'
    await push(begun, sales(15), "item-1")
    ask = begun.clients.analytics.Query

    old = await ask(pb.QueryRequest(sql=sql, versions={"sales-events": 1}))
    assert (rows(old), old.inputs[0].version) == ([[12]], 1)
    assert rows(await ask(pb.QueryRequest(sql=sql))) == [[15]]
    with pytest.raises(RemoteError) as refusal:
        await ask(pb.QueryRequest(sql=sql, versions={"sales-event": 1}))
    assert refusal.value.remote_reason == "INVALID_REQUEST"


@pytest.mark.parametrize("versions", [{"sales-events": 3}, {"sales-rollup-daily": 1}])
async def test_unknown_version_or_dataset_is_not_found(begun: Pipeline, versions: dict[str, int]) -> None:
    """A query, a chart and a report of a version or a dataset that does not exist are answered with NOT_FOUND."""
    (dataset,) = versions
    sql = f'SELECT * FROM "{dataset}"'  # noqa: S608 - a name above
    config = ParseDict({**CHART, "data": {"sql": sql}}, Struct())
    for call in (
        begun.clients.analytics.Query(pb.QueryRequest(sql=sql, versions=versions)),
        begun.clients.analytics.RenderChart(pb.RenderChartRequest(config=config, versions=versions)),
    ):
        with pytest.raises(RemoteError) as refusal:
            await call
        assert (refusal.value.remote_code, refusal.value.remote_reason) == (NOT_FOUND, "DATASET_UNKNOWN")


async def test_version_zero_is_refused(begun: Pipeline) -> None:
    """Versions are counted from 1, so that 0 can't mean the last one by mistake."""
    with pytest.raises(RemoteError) as refusal:
        await begun.clients.analytics.Query(pb.QueryRequest(sql='SELECT 1 FROM "sales-events"', versions={"sales-events": 0}))
    assert refusal.value.remote_reason == "INVALID_REQUEST"


async def test_chart_draws_the_version_that_it_names(begun: Pipeline) -> None:
    """A chart of version 1 is the same before and after version 2, and another one without a version."""
    data = {"sql": 'SELECT currency, count(*) AS orders FROM "sales-events" GROUP BY 1'}
    config = {**CHART, "data": data, "x": {"field": "currency", "type": "nominal"}}

    async def drawn(**versions: int) -> bytes:
        pinned = {name.replace("_", "-"): version for name, version in versions.items()}
        return (await begun.clients.analytics.RenderChart(pb.RenderChartRequest(config=ParseDict(config, Struct()), versions=pinned))).data

    before = await drawn(sales_events=1)
    await push(begun, sales(15), "item-1")
    assert await drawn(sales_events=1) == before
    assert await drawn() != before


async def test_expression_with_the_name_of_a_dataset_reads_no_dataset(begun: Pipeline) -> None:
    """A common table expression hides the dataset of its name, which is then neither read nor among the inputs."""
    answer = await query(begun, 'WITH "sales-events" AS (SELECT 1 AS n) SELECT * FROM "sales-events"')
    assert (rows(answer), list(answer.inputs)) == ([[1]], [])
    answer = await query(begun, 'WITH "sales-events" AS (SELECT count(*) AS n FROM "sales-events") SELECT * FROM "sales-events"')
    assert (rows(answer), [each.version for each in answer.inputs]) == ([[12]], [1])


async def test_refusal_has_position_and_candidates(begun: Pipeline) -> None:
    """The refusal of a mistyped column has its line, its column and the name that DuckDB suggests."""
    with pytest.raises(RemoteError) as refusal:
        await query(begun, "SELECT 'é',\n  currencyy FROM \"sales-events\"")
    assert (refusal.value.metadata["line"], refusal.value.metadata["column"]) == ("2", "3")
    assert '"currency"' in refusal.value.remote_message


async def test_bound_of_a_query_is_the_querys_fault(start_host: StartHost) -> None:
    """A query beyond a bound is INVALID_ARGUMENT without a time to retry, because the same query reaches the bound each time."""
    pipeline = Pipeline(await start_host(*SERVICES, limits__query_bytes_max=10_000))
    with pytest.raises(RemoteError) as refusal:
        await query(pipeline, "SELECT repeat('x', 1000) FROM range(100)", rows_max=100)
    assert (refusal.value.remote_code, refusal.value.retry_after_s) == (INVALID_ARGUMENT, None)


@pytest.mark.parametrize("number", [2.0**53, -(2.0**53), 1e300])
async def test_parameter_that_a_double_does_not_hold_is_refused(begun: Pipeline, number: float) -> None:
    """A number of 2^53 or more may have been another one before it became a double; as text it stays what it is."""
    with pytest.raises(RemoteError) as refusal:
        await query(begun, "SELECT $1", number)
    assert [violation.field for violation in refusal.value.violations] == ["parameters[0]"]
    assert rows(await query(begun, "SELECT $1::BIGINT", "9007199254740993")) == [["9007199254740993"]]


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '/tmp/x'",
        "SELECT 1; SELECT 2",
        "ATTACH '/tmp/x.db'",
        "CREATE TABLE x AS SELECT 1",
        "SET threads = 4",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_parquet('/etc/*')",
        "SELECT * FROM glob('/*')",
        "SELECT current_setting('allowed_paths')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM query('SELECT 1')",
        "SHOW TABLES",
        "PRAGMA version",
        "INSTALL httpfs",
        'SELECT nope FROM "sales-events"',
        "SELEC 1",
        ";",
    ],
)
async def test_query_that_is_no_select_over_datasets(begun: Pipeline, sql: str) -> None:
    """Writes, settings, files, catalogs, several statements and syntax errors are QUERY_REFUSED."""
    assert await refused(begun, sql) == "QUERY_REFUSED"


async def test_query_of_a_file_is_a_query_of_an_unknown_dataset(begun: Pipeline) -> None:
    """A path instead of a table is an unknown dataset."""
    assert await refused(begun, "SELECT * FROM '/etc/passwd'") == "DATASET_UNKNOWN"


async def test_endless_query_is_ended(start_host: StartHost) -> None:
    """A query is stopped after its time limit, and the next one is answered."""
    pipeline = Pipeline(await start_host(*SERVICES, limits__query_s_max=1))
    await query(pipeline, "SELECT 1")
    assert await refused(pipeline, "SELECT sum(a.i * b.j) FROM range(1000000) a(i), range(1000000) b(j)") == "QUERY_LIMIT"
    assert rows(await query(pipeline, "SELECT 1")) == [[1]]


async def test_spill_folders_are_removed(start_host: StartHost) -> None:
    """The spill folder of a query is removed when its process is stopped, or its service stops or is killed."""
    host = await start_host(*SERVICES, limits__query_s_max=1)
    spill = host.config.data_path / "spill"
    pipeline = Pipeline(host)
    await query(pipeline, "SELECT 1")
    assert len(list(spill.iterdir())) == 1
    assert await refused(pipeline, "SELECT sum(a.i * b.j) FROM range(1000000) a(i), range(1000000) b(j)") == "QUERY_LIMIT"
    assert list(spill.iterdir()) == []
    await query(pipeline, "SELECT 1")
    await host.stop()
    assert not spill.exists()

    (spill / "7").mkdir(parents=True)
    await start_host(*SERVICES)
    assert not spill.exists()


async def test_query_beyond_its_bytes_is_refused(start_host: StartHost) -> None:
    """An answer above the bound of bytes is refused."""
    pipeline = Pipeline(await start_host(*SERVICES, limits__query_bytes_max=10_000))
    with pytest.raises(RemoteError) as refusal:
        await query(pipeline, "SELECT repeat('x', 1000) FROM range(100)", rows_max=100)
    assert refusal.value.remote_reason == "QUERY_LIMIT"


async def test_queries_wait_for_a_worker(begun: Pipeline) -> None:
    """More concurrent queries than workers are all answered."""
    answers = await asyncio.gather(*(query(begun, f'SELECT {n}, count(*) FROM "sales-events"') for n in range(6)))  # noqa: S608 - a number
    assert [rows(answer) for answer in answers] == [[[n, 12]] for n in range(6)]


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


async def test_chart_is_drawn(begun: Pipeline) -> None:
    """A chart config over a dataset or a query gives the same picture each time."""
    await rollup(begun)

    async def drawn(config: dict[str, Any], made: str) -> tuple[str, bytes]:
        request = pb.RenderChartRequest(config=ParseDict(config, Struct()), format=made)
        body = await begun.clients.analytics.RenderChart(request)
        return body.content_type, body.data

    kind, picture = await drawn(CHART, "")
    assert (kind, picture[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert (await drawn(CHART, "png"))[1] == picture
    sql = {**CHART, "data": {"sql": 'SELECT day, sum(orders) AS orders FROM "sales-rollup-daily" GROUP BY 1 ORDER BY 1'}}
    kind, picture = await drawn(sql, "svg")
    assert (kind, picture[:4]) == ("image/svg+xml", b"<svg")


async def test_chart_has_at_most_its_number_of_points(start_host: StartHost) -> None:
    """A chart of series_points_max points is drawn; one of a point more is refused."""
    pipeline = Pipeline(await start_host(*SERVICES, limits__series_points_max=3))

    async def drawn(points: int) -> bytes:
        sql = f"SELECT range AS day, range AS orders FROM range({points})"  # noqa: S608 - a number of this test
        request = pb.RenderChartRequest(config=ParseDict({**CHART, "data": {"sql": sql}}, Struct()), format="svg")
        return (await pipeline.clients.analytics.RenderChart(request)).data

    assert (await drawn(3)).startswith(b"<svg")
    with pytest.raises(RemoteError) as refusal:
        await drawn(4)
    assert refusal.value.remote_reason == "QUERY_LIMIT"
    assert refusal.value.metadata["limit"] == "series_points_max"


async def test_chart_of_a_profile_is_drawn(begun: Pipeline) -> None:
    """An analytics profile's reference gives the chart of its config over its output dataset."""
    await rollup(begun)
    render = begun.clients.analytics.RenderChart
    reference = f"{PROJECT}::analytics/sales-daily-rollup@1.1.0"
    resolved = await begun.clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=reference))
    written: dict[str, Any] = MessageToDict(resolved.resolved)["spec"]["chart"]
    config = ParseDict({**written, "data": {"dataset": "sales-rollup-daily"}}, Struct())

    of_profile = await render(pb.RenderChartRequest(analytics_ref=reference))
    of_config = await render(pb.RenderChartRequest(config=config))
    assert of_profile.data == of_config.data
    assert b"Sales by day and currency" in (await render(pb.RenderChartRequest(analytics_ref=reference, format="svg"))).data


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("analytics/sales-daily-rollup@1.0.0", "CHART_INVALID"),
        ("storage/sales-events@1.0.0", "CHART_INVALID"),
        ("analytics/sales-daily-rollup@9.0.0", "PROFILE_UNKNOWN"),
    ],
)
async def test_chart_of_a_profile_that_has_none(begun: Pipeline, reference: str, reason: str) -> None:
    """A profile that has no chart, is of another kind, or does not exist is refused with its reason."""
    with pytest.raises(RemoteError) as refusal:
        await begun.clients.analytics.RenderChart(pb.RenderChartRequest(analytics_ref=f"{PROJECT}::{reference}"))
    assert refusal.value.remote_reason == reason


@pytest.mark.parametrize("config", [None, CHART])
async def test_chart_needs_a_config_or_a_profile(begun: Pipeline, config: dict[str, Any] | None) -> None:
    """Neither config nor profile, and both at once, are refused."""
    request = pb.RenderChartRequest()
    if config:
        request = pb.RenderChartRequest(config=ParseDict(config, Struct()), analytics_ref=f"{PROJECT}::analytics/sales-daily-rollup@1.1.0")
    with pytest.raises(RemoteError) as refusal:
        await begun.clients.analytics.RenderChart(request)
    assert refusal.value.remote_reason == "INVALID_REQUEST"


@pytest.mark.parametrize("change", [{"mark": "pie"}, {"x": {"field": "nobody", "type": "temporal"}}, {"data": None}, {"unknown": 1}])
async def test_chart_that_does_not_fit(begun: Pipeline, change: dict[str, Any]) -> None:
    """A config that breaks its contract, or has a column that the data lacks, is CHART_INVALID."""
    await rollup(begun)
    config = {name: value for name, value in {**CHART, **change}.items() if value is not None}
    with pytest.raises(RemoteError) as refusal:
        await begun.clients.analytics.RenderChart(pb.RenderChartRequest(config=ParseDict(config, Struct())))
    assert refusal.value.remote_reason == "CHART_INVALID"
