"""The platform without its ledger: runs, rollups and queries continue, and their events are delivered once the ledger is available."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest
from prometheus_client import CollectorRegistry

from chartly.drone.worker import DroneWorker
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import scoped
from chartly.platform.rpc.clients import Clients
from chartly.v1 import analytics_pb2, audit_pb2, dataset_pb2, observer_pb2
from chartly.v1 import orchestrator_pb2 as pb

from .test_all_services import ADA, INNER, SALES, put_profiles, run_once, upstream

__all__ = ["upstream"]
StartHost = Callable[..., Awaitable[Host]]
WITHOUT_LEDGER = tuple(name for name in INNER if name not in ("audit", "observer"))
DATASETS = ("sales-events", "sales-rollup-daily")
_DELIVERED_S = 60.0
# Each failed delivery measures; the pause between two is at most 30 s.
_MEASURED_S = 40.0


async def create_workflow(clients: Clients) -> str:
    """Create the demo's workflow, which ends with a rollup; return its id."""
    document = (SALES / "workflows" / "sales-demo@1.0.0.yaml").read_text()
    return (await clients.orchestrator.CreateWorkflow(pb.CreateWorkflowRequest(document=document))).workflow_id


async def query(clients: Clients) -> analytics_pb2.QueryResponse:
    """Count the dataset's rows."""
    return await clients.analytics.Query(analytics_pb2.QueryRequest(sql='SELECT count(*) FROM "sales-events"'))


def waiting(registry: CollectorRegistry, service: str) -> float:
    """Return the metric of a service's waiting events."""
    return registry.get_sample_value("chartly_outbox_waiting_events", {"service": service}) or 0.0


async def entries(clients: Clients, kind: str) -> list[audit_pb2.AuditEvent]:
    """Return the ledger's entries of a type."""
    return list((await clients.audit.ListEvents(audit_pb2.ListEventsRequest(type=kind, page_size=100))).events)


async def delivered(clients: Clients, kind: str, count: int) -> None:
    """Wait until the ledger has this number of entries of a type."""
    async with asyncio.timeout(_DELIVERED_S):
        while len(await entries(clients, kind)) < count:  # noqa: ASYNC110 - delivered in the background
            await asyncio.sleep(0.1)


async def measured(host: Host, expected: Mapping[str, float]) -> dict[str, float]:
    """Return the metrics of waiting events, once they are as expected or the longest pause between two measurements is over."""
    ends_s = asyncio.get_running_loop().time() + _MEASURED_S
    while True:
        found = {service: waiting(host.metrics, service) for service in expected}
        if found == expected or asyncio.get_running_loop().time() > ends_s:
            return found
        await asyncio.sleep(0.1)


@pytest.mark.timeout(300)
async def test_work_goes_on_without_the_ledger(start_host: StartHost, upstream: int) -> None:
    """Commits, a rollup, a run and a query succeed without the ledger; later it verifies and has one entry of each."""
    host = await start_host(*WITHOUT_LEDGER)
    with scoped(ADA):
        clients = host.clients("test")
        await put_profiles(clients, upstream)
        drone = DroneWorker(host.config, "drone-1")
        await drone.start()
        run = await run_once(clients, await create_workflow(clients))
        await drone.stop()
        assert run.state == pb.RUN_STATE_SUCCEEDED, run
        answer = await query(clients)
        versions = {
            dataset: (await clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset=dataset))).version for dataset in DATASETS
        }
        assert versions["sales-rollup-daily"] == 1
        expected = {"storage": sum(versions.values()), "orchestrator": 5, "analytics": 2}
        found_waiting = await measured(host, expected)
        assert found_waiting == expected
        await host.stop()

        host = await start_host(*INNER)
        clients = host.clients("test")
        await delivered(clients, "dataset.updated", sum(versions.values()))
        await delivered(clients, "analytics.query.executed", 2)
        await delivered(clients, "workflow.run.succeeded", 1)
        updated = await entries(clients, "dataset.updated")
        found = sorted(
            (event.subject.removeprefix("dataset/"), int(event.details.fields["dataset_version"].number_value)) for event in updated
        )
        assert found == sorted((dataset, number) for dataset, last in versions.items() for number in range(1, last + 1))
        types = [event.type for event in (await clients.audit.ListEvents(audit_pb2.ListEventsRequest(run_id=run.run_id))).events]
        assert types.count("workflow.run.started") == types.count("workflow.run.succeeded") == 1
        executed = await entries(clients, "analytics.query.executed")
        assert sorted(event.subject.partition("/")[0] for event in executed) == ["dataset", "query"]
        assert answer.inputs[0].version == versions["sales-events"]
        assert (await clients.audit.VerifyLog(audit_pb2.VerifyLogRequest())).verified
        assert not (await clients.observer.RunCheck(observer_pb2.RunCheckRequest())).faults


@pytest.mark.timeout(300)
async def test_new_runs_are_refused_at_the_bound_of_waiting_events(start_host: StartHost, upstream: int) -> None:
    """At the bound a new run is UNAVAILABLE with a time to retry; a running one still stores its events and ends."""
    host = await start_host(*WITHOUT_LEDGER, limits__outbox_events_max=1)
    with scoped(ADA):
        clients = host.clients("test")
        await put_profiles(clients, upstream)
        workflow = await create_workflow(clients)
        first = await clients.orchestrator.RunWorkflow(pb.RunWorkflowRequest(workflow_id=workflow))
        with pytest.raises(RemoteError) as refused:
            await clients.orchestrator.RunWorkflow(pb.RunWorkflowRequest(workflow_id=workflow))
        assert (refused.value.remote_reason, refused.value.is_away) == ("SERVICE_UNAVAILABLE", True)
        assert refused.value.retry_after_s
        cancelled = await clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=first.run_id))
        assert cancelled.state == pb.RUN_STATE_CANCELLED
        await host.stop()

        host = await start_host(*INNER)
        await delivered(host.clients("test"), "workflow.run.cancelled", 1)
        assert await host.clients("test").orchestrator.RunWorkflow(pb.RunWorkflowRequest(workflow_id=workflow))
