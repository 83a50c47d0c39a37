"""Every real service from end to end: an HTTP source is read into dataset, quarantine, rollup and ledger."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from chartly.drone.worker import DroneWorker
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.names import SERVICES
from chartly.platform.rpc.clients import Clients
from chartly.v1 import aggregator_pb2, dataset_pb2, observer_pb2, registry_pb2
from chartly.v1 import orchestrator_pb2 as pb

ROOT = Path(__file__).parents[2]
SALES = ROOT / "profiles" / "domains" / "sales"
OURS = "tenant-demo/proj-sales"
ADA = Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"engineer"}))
# The edge needs Envoy, and nothing here goes through it.
INNER = tuple(name for name in SERVICES if name not in ("gateway", "auth", "reporter"))
PAGE_RECORDS = 10
PAGES = 5


def sale(number: int) -> dict[str, Any]:
    """Return a sale; every fifth has an invalid amount."""
    amount = "a lot" if number % 5 == 0 else f"{number}.50"
    return {
        "id": f"sale_{number:04}",
        "timestamp": f"2026-02-{number % 28 + 1:02}T12:00:00Z",
        "totals": {"amount": amount, "currency": "EUR"},
        "customer": {"id": f"cust_{number % 7}"},
    }


async def page(request: web.Request) -> web.Response:
    """Answer with a page of sales; the second page repeats records of the first under another cursor."""
    order = [0, 1, 1, *range(2, PAGES)]
    place = int(request.query.get("cursor", "0"))
    first = order[place] * PAGE_RECORDS
    following = str(place + 1) if place + 1 < len(order) else None
    return web.json_response({"items": [sale(first + n) for n in range(PAGE_RECORDS)], "next_cursor": following})


@pytest.fixture
async def upstream() -> AsyncIterator[int]:
    """Serve the sales API on loopback; return its port."""
    app = web.Application()
    app.router.add_get("/sales", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture
async def clients(start_host: Callable[..., Awaitable[Host]], upstream: int) -> AsyncIterator[Clients]:
    """A whole platform with a drone, the demo's sales profiles and this test's source."""
    async with AsyncExitStack() as stack:
        host = await start_host(*INNER)
        stack.enter_context(scoped(ADA))
        clients = host.clients("test")
        await put_profiles(clients, upstream)
        drone = DroneWorker(host.config, "drone-1")
        await drone.start()
        stack.push_async_callback(drone.stop)
        yield clients


async def put_profiles(clients: Clients, port: int) -> None:
    """Put the sales profiles in the order of their names, in which bases come first."""
    for path in sorted(SALES.glob("*.yaml")):
        kind, _, name = path.name.removesuffix(".yaml").partition("-")
        document = path.read_text().replace("127.0.0.1:8099", f"127.0.0.1:{port}")
        await clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=f"{OURS}::{kind}/{name}", document=document))


async def run_once(clients: Clients, workflow_id: str) -> pb.Run:
    """Run the workflow to its end."""
    run = await clients.orchestrator.RunWorkflow(pb.RunWorkflowRequest(workflow_id=workflow_id))
    async with asyncio.timeout(60):
        last = run
        async for message in clients.orchestrator.WatchRun(pb.WatchRunRequest(run_id=run.run_id)):
            last = message.run
        return last


async def test_records_add_up_and_a_second_run_changes_nothing(clients: Clients) -> None:
    """Each record has one outcome; in a second run all are replayed, the content hash stays, and all planes agree."""
    document = (SALES / "workflows" / "sales-demo@1.0.0.yaml").read_text()
    workflow = await clients.orchestrator.CreateWorkflow(pb.CreateWorkflowRequest(document=document))
    first = await run_once(clients, workflow.workflow_id)

    assert first.state == pb.RUN_STATE_SUCCEEDED, first
    counts = first.counts
    assert (counts.records_in, counts.canonical, counts.duplicates, counts.quarantined, counts.replayed) == (60, 40, 8, 12, 0)
    assert [(each.reason, each.records) for each in first.quarantine_reasons] == [("TRANSFORM_FAILED", 12)]
    before = await clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="sales-events"))
    assert before.rows == 40

    second = await run_once(clients, workflow.workflow_id)
    assert second.state == pb.RUN_STATE_SUCCEEDED, second
    assert second.counts.replayed == second.counts.records_in == 60
    after = await clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="sales-events"))
    assert (after.content_hash, after.rows) == (before.content_hash, before.rows)

    check = await clients.observer.RunCheck(observer_pb2.RunCheckRequest())
    assert (list(check.faults), check.complete) == ([], True)
    # The rollup's dataset counts as well, with the one commit of each content that it had.
    assert (check.datasets_checked, check.commits_checked, check.blobs_checked) == (2, PAGES + 2, PAGES + 1)
    status = await clients.observer.GetPlatformStatus(observer_pb2.GetPlatformStatusRequest())
    assert status.healthy
    records = await clients.aggregator.ListResultRecords(aggregator_pb2.ListResultRecordsRequest(dataset="sales-events", page_size=3))
    assert len(records.records) == 3
