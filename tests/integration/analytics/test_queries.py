"""Queries over gRPC: datasets, versions, parameters, refusals and bounds."""

import asyncio

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct

from chartly.platform.errors import RemoteError
from chartly.v1 import analytics_pb2 as pb
from tests.integration.pipeline.conftest import Pipeline

from .conftest import CHART, INVALID_ARGUMENT, NOT_FOUND, SERVICES, StartHost, push, query, refused, rows, sales


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
