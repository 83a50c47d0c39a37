"""Charts over gRPC: what is drawn, from which version, and what is refused."""

from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from chartly.platform.errors import RemoteError
from chartly.v1 import analytics_pb2 as pb
from chartly.v1 import registry_pb2
from tests.integration.pipeline.conftest import PROJECT, Pipeline

from .conftest import CHART, SERVICES, StartHost, push, rollup, sales


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
