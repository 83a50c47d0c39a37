"""A pipeline with committed sales, and calls of analytics on it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Value

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.v1 import analytics_pb2 as pb
from chartly.v1 import normalizer_pb2
from tests.integration.pipeline.conftest import Pipeline, page, sale

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
