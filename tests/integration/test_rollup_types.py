"""Types in a rollup over the real wire: from a profile's SQL to the derived dataset, its listing, its filter and a query of it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.v1 import analytics_pb2 as pb
from chartly.v1 import dataset_pb2, normalizer_pb2, registry_pb2

from .pipeline.conftest import PROJECT, Pipeline, page, sale

StartHost = Callable[..., Awaitable[Host]]
SERVICES = ("registry", "storage", "audit", "normalizer", "analytics")
INVALID_ARGUMENT = 3
VALUES: dict[str, tuple[str, Any]] = {
    "amount": ("123456789012345678901234567890::DECIMAL(38,0)", "123456789012345678901234567890"),
    "zero": ("0::DECIMAL(18,9)", "0.000000000"),
    "small": ("1::DECIMAL(38,0)", "1"),
    "total": ("sum(9223372036854775807::BIGINT) + 1", "9223372036854775808"),
    "orders": ("sum(1)", 1),
    "hash": ("18446744073709551615::UBIGINT", "18446744073709551615"),
    "opens_at": ("'08:00:00+02'::TIMETZ", "08:00:00+02:00"),
    "at": ("TIMESTAMPTZ '2026-03-29 01:30:00+01'", "2026-03-29T00:30:00Z"),
    "first": ("TIMESTAMPTZ '0001-01-01 00:00:00+00'", "0001-01-01T00:00:00Z"),
    "last": ("TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'", "9999-12-31T23:59:59.999999Z"),
    "day": ("DATE '2026-03-29'", "2026-03-29"),
    "ratio": ("'nan'::DOUBLE", "NaN"),
    "flag": ("true", True),
    "content": ("'\\xAA'::BLOB", "aa"),
    "key": ("'86da715b-e76b-4a5f-8c89-6042c3f7a2fb'::UUID", "86da715b-e76b-4a5f-8c89-6042c3f7a2fb"),
}


@pytest.fixture
async def begun(start_host: StartHost) -> Pipeline:
    """The pipeline with one sale."""
    pipeline = Pipeline(await start_host(*SERVICES))
    await pipeline.put_domain("sales")
    request = normalizer_pb2.NormalizeRequest(
        run_id="run-1",
        source_id="sales-http",
        raw=await pipeline.put_blob(page([sale(1)])),
        normalizer=await pipeline.frozen("normalizer/sales-default@1.1.0"),
        storage=await pipeline.frozen("storage/sales-events@1.0.0"),
        item_key="item-0",
    )
    await pipeline.clients.normalizer.Normalize(request)
    return pipeline


async def rollup(pipeline: Pipeline, select: str, name: str = "typed") -> pb.RunRollupResponse:
    """Run a rollup of one statement."""
    document = f"""
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {{kind: analytics, name: {name}, version: 1.0.0, description: Typed, owners: ["team:analytics"]}}
spec:
  inputs: {{dataset: sales-events, window: P1D}}
  outputs: {{dataset: {name}}}
  queryTemplate:
    dialect: sql
    text: |
      {select}
      FROM {{{{dataset}}}}
"""
    reference = f"{PROJECT}::analytics/{name}@1.0.0"
    await pipeline.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=document))
    frozen = await pipeline.frozen(f"analytics/{name}@1.0.0")
    return await pipeline.clients.analytics.RunRollup(pb.RunRollupRequest(run_id="run-1", analytics=frozen))


async def test_values_are_the_same_in_listing_filter_and_query(begun: Pipeline) -> None:
    """Each value is exact in the derived dataset; its listing and a query show it alike, and a filter by what is shown finds it."""
    await rollup(begun, "SELECT " + ", ".join(f'{sql} AS "{name}"' for name, (sql, _) in VALUES.items()))
    expected = {name: shown for name, (_, shown) in VALUES.items()}

    answer = await begun.clients.analytics.Query(pb.QueryRequest(sql="SELECT * FROM typed"))
    names = [column.name for column in answer.columns]
    assert dict(zip(names, MessageToDict(answer.rows[0]), strict=True)) == expected
    listed = await begun.clients.dataset.ListDatasetRecords(dataset_pb2.ListDatasetRecordsRequest(dataset="typed"))
    assert MessageToDict(listed.records[0]) == expected
    for name, shown in expected.items():
        text = str(shown).lower() if isinstance(shown, bool) else str(shown)
        request = dataset_pb2.ListDatasetRecordsRequest(dataset="typed", filter=f'{name}="{text}"')
        assert len((await begun.clients.dataset.ListDatasetRecords(request)).records) == 1, name


@pytest.mark.parametrize(
    ("sql", "column"),
    [
        ("max(occurred_at) - min(occurred_at)", "v"),
        ("TIMESTAMP_NS '2026-03-29 00:00:00.123456789'", "v"),
        ("max(occurred_at) AT TIME ZONE 'Europe/Berlin'", "v"),
        ("TIMESTAMPTZ 'infinity'", "v"),
        ("DATE '10000-01-01'", "v"),
        ("340282366920938463463374607431768211455::UHUGEINT", "v"),
    ],
)
async def test_value_that_no_table_keeps_is_refused_with_its_column(begun: Pipeline, sql: str, column: str) -> None:
    """The refusal is the query's, which isn't tried again, and names the column; no dataset is created."""
    with pytest.raises(RemoteError) as refusal:
        await rollup(begun, f"SELECT {sql} AS {column}")
    assert (refusal.value.remote_code, refusal.value.remote_reason) == (INVALID_ARGUMENT, "QUERY_REFUSED")
    assert refusal.value.is_final
    assert f"the column {column} " in refusal.value.remote_message
    with pytest.raises(RemoteError):
        await begun.clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="typed"))


async def test_refusal_of_a_rollup_has_its_place_in_the_template(begun: Pipeline) -> None:
    """Line and column are those of the template's text, although placeholders are longer in the SQL."""
    with pytest.raises(RemoteError) as refusal:
        await rollup(begun, "SELECT {{window_start}} AS begin, currencyy")
    assert (refusal.value.metadata["line"], refusal.value.metadata["column"]) == ("1", "35")
