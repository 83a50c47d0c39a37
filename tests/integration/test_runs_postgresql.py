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
from .test_runs import ADA, SERVICES, Edges, RunPlatform, serving

pytest.importorskip("psycopg", reason="the extra chartly[postgresql]")
pytestmark = pytest.mark.skipif(not INSTALLED, reason="no PostgreSQL server is installed")


async def test_concurrent_runs_add_up(url: str, start_host: Callable[..., Awaitable[Host]], tmp_path: Path) -> None:  # noqa: F811 - the fixture
    """Concurrent runs succeed with correct counts, a cancelled one stops, and a new host continues the stored sequence."""
    edges = Edges()
    edges.pages = [[10, 1]] * 6
    address = f"unix:{tmp_path}/edges.sock"
    addresses: dict[str, str] = dict.fromkeys(("connector_hub", "normalizer", "analytics"), address)
    async with serving(edges, address):
        with scoped(ADA):
            for sums in (3, 6):
                host = await start_host(*SERVICES, server__addresses=addresses, metadata__url=url)
                platform = RunPlatform(host, edges, start_host, addresses)
                await platform.put_profiles()
                workflow = await platform.create()
                await platform.start_drone()
                started = [await platform.run(workflow.workflow_id) for _ in range(3)]
                ended = await asyncio.gather(*(platform.end(run.run_id, 60) for run in started))
                assert [(run.state, run.counts.records_in) for run in ended] == [(pb.RUN_STATE_SUCCEEDED, 66)] * 3
                summary = await platform.clients.aggregator.GetSummary(aggregator_pb2.GetSummaryRequest())
                assert (summary.runs, summary.counts.records_in) == (sums, sums * 66)

                cancelled = await platform.run(workflow.workflow_id)
                await platform.stop_drone()
                await platform.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=cancelled.run_id))
                assert len(await platform.events(started[0].run_id, 5)) == 5
                await host.stop()


async def test_concurrent_calls_with_one_key(url: str, start_host: Callable[..., Awaitable[Host]]) -> None:  # noqa: F811 - the fixture
    """Concurrent calls with one idempotency key return one workflow and one run."""
    host = await start_host(*SERVICES, metadata__url=url)
    with scoped(ADA):
        platform = RunPlatform(host, Edges(), start_host, {})
        await platform.put_profiles()
        workflows = await asyncio.gather(*(platform.create("one-key") for _ in range(8)))
        assert len({workflow.workflow_id for workflow in workflows}) == 1
        runs = await asyncio.gather(*(platform.run(workflows[0].workflow_id, "one-run") for _ in range(8)))
        assert len({run.run_id for run in runs}) == 1
