"""Runs, queue, results and ledger events with their metadata on a real PostgreSQL: the same answers as on SQLite."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from chartly.platform.host import Host
from chartly.platform.identity.scope import scoped
from chartly.v1 import aggregator_pb2
from chartly.v1 import orchestrator_pb2 as pb

from .platform.test_postgresql import INSTALLED, url  # noqa: F401 # pyright: ignore[reportUnusedImport] - a fixture
from .test_runs import ADA, SERVICES, Edges, Road, serving

pytest.importorskip("psycopg", reason="the extra chartly[postgresql]")
pytestmark = pytest.mark.skipif(not INSTALLED, reason="no PostgreSQL server is installed")


async def test_concurrent_runs_add_up(url: str, start_host: Callable[..., Awaitable[Host]], tmp_path: Path) -> None:  # noqa: F811 - the fixture
    """Runs side by side end well and add up, one that is cancelled stops, and a new host goes on with the stored sequence."""
    edges = Edges()
    edges.pages = [[10, 1]] * 6
    address = f"unix:{tmp_path}/edges.sock"
    addresses: dict[str, str] = dict.fromkeys(("connector_hub", "normalizer", "analytics"), address)
    async with serving(edges, address):
        with scoped(ADA):
            for sums in (3, 6):
                host = await start_host(*SERVICES, server__addresses=addresses, metadata__url=url)
                road = Road(host, edges, start_host, addresses)
                await road.put_profiles()
                workflow = await road.create()
                await road.start_drone()
                started = [await road.run(workflow.workflow_id) for _ in range(3)]
                ended = await asyncio.gather(*(road.end(run.run_id, 60) for run in started))
                assert [(run.state, run.counts.records_in) for run in ended] == [(pb.RUN_STATE_SUCCEEDED, 66)] * 3
                summary = await road.clients.aggregator.GetSummary(aggregator_pb2.GetSummaryRequest())
                assert (summary.runs, summary.counts.records_in) == (sums, sums * 66)

                cancelled = await road.run(workflow.workflow_id)
                await road.stop_drone()
                await road.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=cancelled.run_id))
                assert len(await road.events(started[0].run_id, 5)) == 5
                await host.stop()


async def test_same_key_at_once_makes_one_thing(url: str, start_host: Callable[..., Awaitable[Host]]) -> None:  # noqa: F811 - the fixture
    """Many callers with one idempotency key at the same moment all get the one workflow and the one run."""
    host = await start_host(*SERVICES, metadata__url=url)
    with scoped(ADA):
        road = Road(host, Edges(), start_host, {})
        await road.put_profiles()
        workflows = await asyncio.gather(*(road.create("one-key") for _ in range(8)))
        assert len({workflow.workflow_id for workflow in workflows}) == 1
        runs = await asyncio.gather(*(road.run(workflows[0].workflow_id, "one-run") for _ in range(8)))
        assert len({run.run_id for run in runs}) == 1
