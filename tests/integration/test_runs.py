"""Runs from the workflow to their end: real registry, orchestrator, coordinator, aggregator, ledger and drone over the real wire.

Upstream, normalizer and analytics are small servicers here: what the runs do with every answer of theirs is the question.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc.aio
import pytest

from chartly.drone.worker import DroneWorker
from chartly.platform.errors import ChartlyError, FailedPrecondition, RemoteError, Unavailable, error
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.rpc.clients import Clients
from chartly.platform.rpc.status import BY_CODE, DETAILS_KEY, encode
from chartly.v1 import aggregator_pb2 as aggregator
from chartly.v1 import (
    analytics_pb2,
    analytics_pb2_grpc,
    audit_pb2,
    common_pb2,
    connector_hub_pb2,
    connector_hub_pb2_grpc,
    coordinator_pb2,
    normalizer_pb2,
    normalizer_pb2_grpc,
    registry_pb2,
)
from chartly.v1 import orchestrator_pb2 as pb

StartHost = Callable[..., Awaitable[Host]]
ROOT = Path(__file__).parents[2]
SALES = ROOT / "profiles" / "domains" / "sales"
ADA = Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"engineer"}))
SERVICES = ("registry", "coordinator", "orchestrator", "aggregator", "audit")


@error(reason="UPSTREAM_BAD_RESPONSE")
class HtmlAnswered(FailedPrecondition):
    """The upstream answered with an HTML page."""


@error(reason="SERVICE_UNAVAILABLE")
class Away(Unavailable):
    """The store is unavailable."""


class Edges:
    """The services that the drone calls beyond those under test; each test sets their answers."""

    def __init__(self) -> None:
        self.pages = [[10, 0], [5, 5]]
        """Accepted and rejected records of each page; a sync gives two."""
        self.failures: dict[str, list[ChartlyError]] = {}
        """Errors to answer with instead, by method, taken from the front."""
        self.calls: list[str] = []
        self.tokens = set[str]()
        self.normalize_called = asyncio.Event()
        self.normalizing = asyncio.Event()
        self.normalizing.set()

    async def note(self, method: str, context: Any) -> None:
        """Record a call, and raise the error that the test has set."""
        self.calls.append(method)
        self.tokens |= {value for key, value in context.invocation_metadata() if key == "x-chartly-internal-token"}
        if self.failures.get(method):
            status = encode(self.failures[method].pop(0))
            await context.abort(BY_CODE[status.code], status.message, ((DETAILS_KEY, status.SerializeToString()),))


class Hub(connector_hub_pb2_grpc.ConnectorHubServiceServicer):
    """Returns the test's pages, two for each sync; idempotent by sequence as the real one."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    async def SyncSource(self, request: Any, context: Any) -> connector_hub_pb2.SyncSourceResponse:
        """Return the pages of this sequence."""
        await self._edges.note("SyncSource", context)
        first = request.sequence * 2
        refs = [
            common_pb2.RawRef(
                bucket="raw",
                key=f"k{n}",
                sha256=hashlib.sha256(f"{accepted}/{rejected}/{n}".encode()).hexdigest(),
                size_bytes=accepted * 256 + rejected,
            )
            for n, (accepted, rejected) in enumerate(self._edges.pages)
        ][first : first + 2]
        return connector_hub_pb2.SyncSourceResponse(
            source_id="sales-http", pages=refs, finished=first + 2 >= len(self._edges.pages), requests=len(refs)
        )


class Normalizer(normalizer_pb2_grpc.NormalizerServiceServicer):
    """Accepts and rejects as many records as the page's size encodes."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    async def Normalize(self, request: Any, context: Any) -> normalizer_pb2.NormalizeResponse:
        """Return the counts that the page's size encodes."""
        await self._edges.note("Normalize", context)
        self._edges.normalize_called.set()
        await self._edges.normalizing.wait()
        accepted, rejected = divmod(request.raw.size_bytes, 256)
        counts = common_pb2.RecordCounts(records_in=accepted + rejected, canonical=accepted, quarantined=rejected)
        reasons = [common_pb2.ReasonCount(reason="CONTRACT_VIOLATION", records=rejected)] if rejected else []
        return normalizer_pb2.NormalizeResponse(work_key="k", counts=counts, quarantine_reasons=reasons, dataset="sales-events")


class Analytics(analytics_pb2_grpc.AnalyticsServiceServicer):
    """Answers every rollup with three rows."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    async def RunRollup(self, request: Any, context: Any) -> analytics_pb2.RunRollupResponse:
        """Return a dataset."""
        await self._edges.note("RunRollup", context)
        return analytics_pb2.RunRollupResponse(dataset="sales-rollup-daily", rows=3)


@asynccontextmanager
async def serving(edges: Edges, address: str) -> AsyncGenerator[None]:
    """Serve the edges at an address."""
    server: Any = grpc.aio.server()  # pyright: ignore[reportUnknownMemberType] - the stubs leave its handlers open
    connector_hub_pb2_grpc.add_ConnectorHubServiceServicer_to_server(Hub(edges), server)  # pyright: ignore[reportAbstractUsage] - what it lacks is never called
    normalizer_pb2_grpc.add_NormalizerServiceServicer_to_server(Normalizer(edges), server)  # pyright: ignore[reportAbstractUsage] - as above
    analytics_pb2_grpc.add_AnalyticsServiceServicer_to_server(Analytics(edges), server)  # pyright: ignore[reportAbstractUsage] - as above
    server.add_insecure_port(address)
    await server.start()
    try:
        yield
    finally:
        await server.stop(0)


class RunPlatform:
    """A running platform with those services, and the actions of a user."""

    def __init__(self, host: Host, edges: Edges, start_host: StartHost, addresses: dict[str, str]) -> None:
        self.host = host
        self.edges = edges
        self._start_host = start_host
        self._addresses = addresses
        self.drone: DroneWorker | None = None

    @property
    def clients(self) -> Clients:
        """Clients of a user's program."""
        return self.host.clients("test")

    async def start_drone(self) -> None:
        """Start the drone."""
        self.drone = DroneWorker(self.host.config, "drone-1")
        await self.drone.start()

    async def stop_drone(self) -> None:
        """Stop the drone, if there is one."""
        if self.drone is not None:
            drone, self.drone = self.drone, None
            await drone.stop()

    async def restart(self, *names: str, **overrides: Any) -> None:
        """Stop the host and start it again on the same data."""
        await self.host.stop()
        self.host = await self._start_host(*(names or SERVICES), server__addresses=self._addresses, **overrides)

    async def put_profiles(self) -> None:
        """Store the sales profiles that the workflow names."""
        for name in ("connector-sales-http", "normalizer-sales-default", "storage-sales-events", "analytics-sales-daily-rollup"):
            ref = f"tenant-demo/proj-sales::{name.replace('-', '/', 1)}@1.0.0"
            document = (SALES / f"{name}@1.0.0.yaml").read_text()
            await self.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=ref, document=document))

    async def create(self, key: str = "") -> pb.Workflow:
        """Create the seed's workflow from its YAML."""
        request = pb.CreateWorkflowRequest(document=(SALES / "workflows" / "sales-onboard@1.0.0.yaml").read_text())
        return await self.clients.orchestrator.CreateWorkflow(request, metadata=(("x-idempotency-key", key),) if key else ())

    async def run(self, workflow_id: str, key: str = "") -> pb.Run:
        """Start a run."""
        request = pb.RunWorkflowRequest(workflow_id=workflow_id)
        return await self.clients.orchestrator.RunWorkflow(request, metadata=(("x-idempotency-key", key),) if key else ())

    async def watch(self, run_id: str) -> list[pb.WatchRunResponse]:
        """Watch a run to its end."""
        return [message async for message in self.clients.orchestrator.WatchRun(pb.WatchRunRequest(run_id=run_id))]

    async def end(self, run_id: str, seconds: float = 60) -> pb.Run:
        """Wait for a run's end; return the run."""
        async with asyncio.timeout(seconds):
            return (await self.watch(run_id))[-1].run

    async def events(self, run_id: str, count: int) -> list[str]:
        """Wait until the ledger has ``count`` events of the run; return their types."""
        async with asyncio.timeout(60):
            while True:
                found = (await self.clients.audit.ListEvents(audit_pb2.ListEventsRequest(run_id=run_id))).events
                if len(found) >= count:
                    return [event.type for event in found]
                await asyncio.sleep(0.02)


@pytest.fixture
async def platform(start_host: StartHost, tmp_path: Path) -> AsyncIterator[RunPlatform]:
    """A platform with the seed's sales domain, without a drone."""
    edges = Edges()
    address = f"unix:{tmp_path}/edges.sock"
    addresses: dict[str, str] = dict.fromkeys(("connector_hub", "normalizer", "analytics"), address)
    async with serving(edges, address):
        host = await start_host(*SERVICES, server__addresses=addresses)
        with scoped(ADA):
            made = RunPlatform(host, edges, start_host, addresses)
            await made.put_profiles()
            yield made
            await made.stop_drone()


def steps(run: pb.Run) -> dict[str, str]:
    """Return the states of a run's steps by name."""
    return {step.name: pb.RunState.Name(step.state).removeprefix("RUN_STATE_").lower() for step in run.steps}


async def test_seed_workflow_runs_to_its_end(platform: RunPlatform) -> None:
    """The seed's workflow syncs, normalizes each page and rolls up; ledger and summary count each record."""
    await platform.start_drone()
    run = await platform.run((await platform.create()).workflow_id)
    assert all(step.profile.hash.startswith("sha256:") for step in run.steps)
    ended = await platform.end(run.run_id)

    assert ended.state == pb.RUN_STATE_SUCCEEDED, ended
    assert (ended.counts.records_in, ended.counts.canonical, ended.counts.quarantined) == (20, 15, 5)
    assert [(each.reason, each.records) for each in ended.quarantine_reasons] == [("CONTRACT_VIOLATION", 5)]
    assert ended.dataset == "sales-events"
    assert steps(ended) == dict.fromkeys(("connector_sync", "normalize", "write_dataset", "analytics_query"), "succeeded")
    assert platform.edges.calls == ["SyncSource", "Normalize", "Normalize", "RunRollup"]

    kinds = [
        "connector.profile.resolved",
        "workflow.run.started",
        "connector.run.started",
        "connector.run.succeeded",
        "workflow.run.succeeded",
    ]
    assert await platform.events(run.run_id, len(kinds)) == kinds
    summary = await platform.clients.aggregator.GetSummary(aggregator.GetSummaryRequest())
    assert (summary.results, summary.failed, summary.counts.canonical) == (4, 0, 15)
    assert [(each.dataset, each.counts.records_in) for each in summary.datasets] == [("sales-events", 20), ("sales-rollup-daily", 0)]


async def test_workflow_is_created_once(platform: RunPlatform) -> None:
    """A repeated key, the same name with the same steps, and the compact form return the first workflow; other content is a conflict."""
    first = await platform.create("key-1")
    assert (await platform.create("key-1")).workflow_id == first.workflow_id
    assert (await platform.create()).workflow_id == first.workflow_id
    request = pb.CreateWorkflowRequest(name="sales-onboard")
    compact = {"connector_sync": "connector_id", "normalize": "profile", "write_dataset": "dataset_id", "analytics_query": "query_ref"}
    request.spec.update({"steps": [{"type": step.type, compact[step.type]: step.profile_ref} for step in first.steps]})
    assert (await platform.clients.orchestrator.CreateWorkflow(request)).workflow_id == first.workflow_id

    request.spec.update({"steps": [{"type": step.type, compact[step.type]: step.profile_ref} for step in first.steps[:3]]})
    for ask in (
        platform.clients.orchestrator.CreateWorkflow(request),
        platform.clients.orchestrator.CreateWorkflow(request, metadata=(("x-idempotency-key", "key-1"),)),
    ):
        with pytest.raises(RemoteError) as refused:
            await ask
        assert refused.value.remote_reason == "WORKFLOW_CONFLICT"


async def test_run_is_started_once_for_its_key(platform: RunPlatform) -> None:
    """RunWorkflow with a used key returns that run and starts none."""
    workflow = await platform.create()
    first = await platform.run(workflow.workflow_id, "again")
    assert (await platform.run(workflow.workflow_id, "again")).run_id == first.run_id
    other = await platform.run(workflow.workflow_id)
    listed = await platform.clients.orchestrator.ListRuns(pb.ListRunsRequest(page_size=1))
    assert [run.run_id for run in listed.runs] == [other.run_id]
    rest = await platform.clients.orchestrator.ListRuns(pb.ListRunsRequest(page_size=1, page_token=listed.next_page_token))
    assert ([run.run_id for run in rest.runs], rest.next_page_token) == ([first.run_id], "")


async def test_nothing_canonical_is_quarantined(platform: RunPlatform) -> None:
    """A run is QUARANTINED if all of its records are quarantined, and its rollup doesn't run."""
    platform.edges.pages = [[0, 3], [0, 4]]
    await platform.start_drone()
    ended = await platform.end((await platform.run((await platform.create()).workflow_id)).run_id)
    assert ended.state == pb.RUN_STATE_QUARANTINED
    assert ended.counts.quarantined == ended.counts.records_in == 7
    assert steps(ended)["analytics_query"] == "quarantined"
    assert "RunRollup" not in platform.edges.calls


async def test_final_failure_names_its_reason(platform: RunPlatform) -> None:
    """An HTML answer of the upstream fails step and run with its reason, cancels later steps, and is in the ledger."""
    platform.edges.failures["SyncSource"] = [HtmlAnswered()]
    await platform.start_drone()
    run = await platform.run((await platform.create()).workflow_id)
    ended = await platform.end(run.run_id)
    assert (ended.state, ended.reason) == (pb.RUN_STATE_FAILED, "UPSTREAM_BAD_RESPONSE")
    assert steps(ended) == {
        "connector_sync": "failed",
        "normalize": "cancelled",
        "write_dataset": "cancelled",
        "analytics_query": "cancelled",
    }
    kinds = await platform.events(run.run_id, 5)
    assert kinds[-2:] == ["connector.run.failed", "workflow.run.failed"]


async def test_unavailable_service_delays_only(platform: RunPlatform) -> None:
    """While the store is unavailable no attempt is counted, and the run succeeds later."""
    platform.edges.failures["Normalize"] = [Away(retry_after_s=0.05) for _ in range(8)]
    await platform.start_drone()
    ended = await platform.end((await platform.run((await platform.create()).workflow_id)).run_id, 60)
    assert ended.state == pb.RUN_STATE_SUCCEEDED


async def test_cancelled_run_stops(platform: RunPlatform) -> None:
    """A cancelled run deletes its work and is final; a repeated cancellation succeeds, one after another end is refused."""
    platform.edges.normalizing.clear()
    await platform.start_drone()
    workflow = await platform.create()
    run = await platform.run(workflow.workflow_id)
    await platform.edges.normalize_called.wait()
    cancelled = await platform.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=run.run_id))
    assert cancelled.state == pb.RUN_STATE_CANCELLED
    assert (await platform.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=run.run_id))).revision == cancelled.revision
    async with asyncio.timeout(60):
        while (await platform.clients.coordinator.GetQueueStats(coordinator_pb2.GetQueueStatsRequest())).queued_items:  # noqa: ASYNC110 - over the wire
            await asyncio.sleep(0.02)

    platform.edges.normalizing.set()
    other = await platform.end((await platform.run(workflow.workflow_id)).run_id)
    with pytest.raises(RemoteError) as refused:
        await platform.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=other.run_id))
    assert refused.value.remote_reason == "ILLEGAL_TRANSITION"


async def test_watch_returns_every_revision_once(platform: RunPlatform) -> None:
    """A watch returns rising revisions and marks the last one; of an ended run it returns one message."""
    await platform.start_drone()
    run = await platform.run((await platform.create()).workflow_id)
    seen = await platform.watch(run.run_id)
    revisions = [message.run.revision for message in seen]
    assert revisions == sorted(set(revisions))
    assert [message.last for message in seen] == [False] * (len(seen) - 1) + [True]
    assert len(await platform.watch(run.run_id)) == 1


async def test_restart_goes_on_and_counts_once(platform: RunPlatform) -> None:
    """After a restart of all services and the drone a run continues, and every item is counted once."""
    platform.edges.pages = [[10, 1]] * 12
    platform.edges.normalizing.clear()
    await platform.start_drone()
    run = await platform.run((await platform.create()).workflow_id)
    await platform.edges.normalize_called.wait()
    stopping = asyncio.create_task(platform.stop_drone())
    await asyncio.sleep(0.05)
    platform.edges.normalizing.set()
    await stopping
    await platform.restart()
    await platform.start_drone()
    ended = await platform.end(run.run_id)
    assert ended.state == pb.RUN_STATE_SUCCEEDED
    assert (ended.counts.records_in, ended.counts.canonical) == (132, 120)
    assert {step.name: step.work_total for step in ended.steps} == {
        "connector_sync": 6,
        "normalize": 12,
        "write_dataset": 12,
        "analytics_query": 1,
    }


async def test_ledger_events_survive_an_absent_ledger(platform: RunPlatform) -> None:
    """Events of a run that ended without the audit service are appended once when it is available."""
    await platform.restart("registry", "coordinator", "orchestrator", "aggregator")
    await platform.start_drone()
    run = await platform.run((await platform.create()).workflow_id)
    assert (await platform.end(run.run_id)).state == pb.RUN_STATE_SUCCEEDED
    await platform.stop_drone()
    await platform.restart()
    assert len(await platform.events(run.run_id, 5)) == 5


async def test_unknown_things_have_their_reasons(platform: RunPlatform) -> None:
    """Unknown ids, also those of another project, are NOT_FOUND with their reason."""
    workflow = await platform.create()
    run = await platform.run(workflow.workflow_id)
    with scoped(Scope("user:eve", "tenant-demo", "proj-other", frozenset({"engineer"}))):
        for ask, reason in (
            (platform.clients.orchestrator.GetRun(pb.GetRunRequest(run_id=run.run_id)), "RUN_UNKNOWN"),
            (platform.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=run.run_id)), "RUN_UNKNOWN"),
            (platform.run(workflow.workflow_id), "WORKFLOW_UNKNOWN"),
            (platform.clients.orchestrator.DeleteWorkflow(pb.DeleteWorkflowRequest(workflow_id=workflow.workflow_id)), "WORKFLOW_UNKNOWN"),
        ):
            with pytest.raises(RemoteError) as refused:
                await ask
            assert refused.value.remote_reason == reason


async def test_deleted_workflow_frees_its_name(platform: RunPlatform) -> None:
    """Deleting is idempotent, keeps runs, refuses new ones, and frees the name."""
    workflow = await platform.create()
    run = await platform.run(workflow.workflow_id)
    for _ in range(2):
        await platform.clients.orchestrator.DeleteWorkflow(pb.DeleteWorkflowRequest(workflow_id=workflow.workflow_id))
    assert (await platform.clients.orchestrator.GetRun(pb.GetRunRequest(run_id=run.run_id))).run_id == run.run_id
    with pytest.raises(RemoteError) as refused:
        await platform.run(workflow.workflow_id)
    assert refused.value.remote_reason == "WORKFLOW_UNKNOWN"
    assert (await platform.create()).workflow_id != workflow.workflow_id


async def test_bad_workflows_are_refused_with_their_place(platform: RunPlatform) -> None:
    """A workflow with a missing or unknown profile, or with unconnected steps, is refused and not stored."""
    for document, reason in (
        ({"steps": [{"type": "normalize", "profile": "tenant-demo/proj-sales::normalizer/sales-default@1.0.0"}]}, "PROFILE_INVALID"),
        ({"steps": [{"type": "connector_sync", "connector_id": "tenant-demo/proj-sales::connector/none@1.0.0"}]}, "PROFILE_UNKNOWN"),
        ({"steps": [{"type": "connector_sync", "connector_id": "tenant-demo/proj-sales::connector/sales-http@latest"}]}, "PROFILE_INVALID"),
    ):
        request = pb.CreateWorkflowRequest(name="bad")
        request.spec.update(document)
        with pytest.raises(RemoteError) as refused:
            await platform.clients.orchestrator.CreateWorkflow(request)
        assert refused.value.remote_reason == reason
    assert not (await platform.clients.orchestrator.ListWorkflows(pb.ListWorkflowsRequest())).workflows


async def test_full_queue_slows_a_run_and_nothing_else(platform: RunPlatform) -> None:
    """With a queue bound of two items of a source a run of many pages waits for room, and succeeds."""
    platform.edges.pages = [[1, 0]] * 12
    await platform.restart(limits__queue_source_items_max=2)
    await platform.start_drone()
    ended = await platform.end((await platform.run((await platform.create()).workflow_id)).run_id, 60)
    assert (ended.state, ended.counts.canonical) == (pb.RUN_STATE_SUCCEEDED, 12)


async def test_too_many_open_runs_are_refused_for_a_while(platform: RunPlatform) -> None:
    """Above the bound of open runs a start is QUEUE_FULL with a time to retry; after a run's end it is accepted."""
    await platform.restart(limits__runs_open_max=1)
    workflow = await platform.create()
    first = await platform.run(workflow.workflow_id)
    with pytest.raises(RemoteError) as refused:
        await platform.run(workflow.workflow_id)
    assert refused.value.remote_reason == "QUEUE_FULL"
    assert refused.value.retry_after_s
    await platform.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=first.run_id))
    assert await platform.run(workflow.workflow_id)


async def test_run_that_takes_too_long_is_failed(platform: RunPlatform) -> None:
    """A run above its age fails with DEADLINE_EXCEEDED, and its work is deleted."""
    await platform.restart(limits__run_s_max=1)
    ended = await platform.end((await platform.run((await platform.create()).workflow_id)).run_id)
    assert (ended.state, ended.reason) == (pb.RUN_STATE_FAILED, "DEADLINE_EXCEEDED")


async def test_drone_that_stops_gives_its_work_back(platform: RunPlatform) -> None:
    """When a drone stops during a work item, another one gets it before the lease expires."""
    platform.edges.normalizing.clear()
    await platform.restart(limits__drain_s=1, limits__lease_s=600)
    await platform.start_drone()
    run = await platform.run((await platform.create()).workflow_id)
    await platform.edges.normalize_called.wait()
    await platform.stop_drone()
    platform.edges.normalizing.set()
    other = DroneWorker(platform.host.config, "drone-2")
    await other.start()
    assert (await platform.end(run.run_id)).state == pb.RUN_STATE_SUCCEEDED, "long before the lease would have ended"
    await other.stop()
