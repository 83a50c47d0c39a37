"""Charts over REST, through the real edge."""

import asyncio
from typing import Any

from tests.integration.pipeline.conftest import PROJECT, Pipeline, page, sale

from chartly.platform.clock import SystemClock
from chartly.platform.config import Config
from chartly.platform.identity.scope import Scope
from chartly.platform.identity.tokens import InternalTokens, internal_key
from chartly.platform.rpc.clients import Channels, Clients
from chartly.v1 import analytics_pb2, normalizer_pb2

SERVICES = ("gateway", "auth", "registry", "storage", "audit", "normalizer", "analytics")
WITH_CHART = f"{PROJECT}::analytics/sales-daily-rollup@1.1.0"


async def prepare(config: Config) -> None:
    """Load two sales, and run their rollup."""
    channels = Channels(config)
    tokens = InternalTokens(internal_key(config), SystemClock(), config.limits.internal_token_s)
    pipeline = Pipeline.__new__(Pipeline)
    pipeline.clients = Clients("orchestrator", config, channels, tokens).acting(Scope.service("orchestrator", "tenant-demo", "proj-sales"))
    await pipeline.put_domain("sales")
    await pipeline.clients.normalizer.Normalize(
        normalizer_pb2.NormalizeRequest(
            run_id="run-1",
            source_id="sales-http",
            raw=await pipeline.put_blob(page([sale(1), sale(2)])),
            normalizer=await pipeline.frozen("normalizer/sales-default@1.1.0"),
            storage=await pipeline.frozen("storage/sales-events@1.0.0"),
            item_key="item-0",
        )
    )
    analytics = await pipeline.frozen("analytics/sales-daily-rollup@1.1.0")
    await pipeline.clients.analytics.RunRollup(analytics_pb2.RunRollupRequest(run_id="run-1", analytics=analytics))
    await channels.close()


def test_chart_of_an_analytics_profile(run_edge: Any) -> None:
    """A profile's reference returns its chart as a picture; a profile without a chart, or both forms at once, are 400."""
    with run_edge(*SERVICES) as edge:
        asyncio.run(prepare(edge.config))

        def render(**body: Any) -> Any:
            return edge.ask("POST", "/v1/charts:render", json=body, headers=edge.operator)

        drawn = render(analytics_ref=WITH_CHART, format="svg")
        assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
        assert "Sales by day and currency" in drawn.text
        without = render(analytics_ref=WITH_CHART.replace("1.1.0", "1.0.0"))
        assert (without.status_code, without.json()["details"][0]["reason"]) == (400, "CHART_INVALID")
        assert render(analytics_ref=WITH_CHART, config={"mark": "bar"}).status_code == 400
        assert render(analytics_ref=WITH_CHART.replace("1.1.0", "9.0.0")).status_code == 404
