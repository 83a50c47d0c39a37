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
    """The upstream answered with a page for people."""


@error(reason="SERVICE_UNAVAILABLE")
class Away(Unavailable):
    """The store is away."""


class Edges:
    """What the drone meets beyond the services under test; each answer is set by the test."""

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
        """Remember a call, and fail it when the test says so."""
        self.calls.append(method)
        self.tokens |= {value for key, value in context.invocation_metadata() if key == "x-chartly-internal-token"}
        if self.failures.get(method):
            status = encode(self.failures[method].pop(0))
            await context.abort(BY_CODE[status.code], status.message, ((DETAILS_KEY, status.SerializeToString()),))


class Hub(connector_hub_pb2_grpc.ConnectorHubServiceServicer):
    """Returns the test's pages, two a sync; idempotent by sequence as the real one."""

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
    """Accepts and rejects as many records as the page's size says."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    async def Normalize(self, request: Any, context: Any) -> normalizer_pb2.NormalizeResponse:
        """Count as the page's size says."""
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
        """Name a dataset."""
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


class Road:
    """A running platform with its edges, and what a user does with it."""

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
        """Start the worker."""
        self.drone = DroneWorker(self.host.config, "drone-1")
        await self.drone.start()

    async def stop_drone(self) -> None:
        """Stop the worker, when there is one."""
        if self.drone is not None:
            drone, self.drone = self.drone, None
            await drone.stop()

    async def restart(self, *names: str, **overrides: Any) -> None:
        """Stop the host and start it again on the same data."""
        await self.host.stop()
        self.host = await self._start_host(*(names or SERVICES), server__addresses=self._addresses, **overrides)

    async def put_profiles(self) -> None:
        """Put the sales profiles that the workflow names."""
        for path in SALES.glob("*@1.0.0.yaml"):
            kind, _, rest = path.name.removesuffix(".yaml").partition("-")
            ref = f"tenant-demo/proj-sales::{kind}/{rest}"
            await self.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=ref, document=path.read_text()))

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
        """Wait for a run's end; the run."""
        async with asyncio.timeout(seconds):
            return (await self.watch(run_id))[-1].run

    async def events(self, run_id: str, count: int) -> list[str]:
        """Wait until the ledger holds ``count`` events of the run; their types."""
        async with asyncio.timeout(60):
            while True:
                found = (await self.clients.audit.ListEvents(audit_pb2.ListEventsRequest(run_id=run_id))).events
                if len(found) >= count:
                    return [event.type for event in found]
                await asyncio.sleep(0.02)


@pytest.fixture
async def road(start_host: StartHost, tmp_path: Path) -> AsyncIterator[Road]:
    """A platform on which the seed's sales domain is set up, without a drone yet."""
    edges = Edges()
    address = f"unix:{tmp_path}/edges.sock"
    addresses: dict[str, str] = dict.fromkeys(("connector_hub", "normalizer", "analytics"), address)
    async with serving(edges, address):
        host = await start_host(*SERVICES, server__addresses=addresses)
        with scoped(ADA):
            made = Road(host, edges, start_host, addresses)
            await made.put_profiles()
            yield made
            await made.stop_drone()


def steps(run: pb.Run) -> dict[str, str]:
    """States of a run's steps by name."""
    return {step.name: pb.RunState.Name(step.state).removeprefix("RUN_STATE_").lower() for step in run.steps}


async def test_seed_workflow_runs_to_its_end(road: Road) -> None:
    """The seed's workflow syncs, normalizes each page, rolls up, and every record is accounted for, in ledger and summary as well."""
    await road.start_drone()
    run = await road.run((await road.create()).workflow_id)
    assert all(step.profile.hash.startswith("sha256:") for step in run.steps)
    ended = await road.end(run.run_id)

    assert ended.state == pb.RUN_STATE_SUCCEEDED, ended
    assert (ended.counts.records_in, ended.counts.canonical, ended.counts.quarantined) == (20, 15, 5)
    assert [(each.reason, each.records) for each in ended.quarantine_reasons] == [("CONTRACT_VIOLATION", 5)]
    assert ended.dataset == "sales-events"
    assert steps(ended) == dict.fromkeys(("connector_sync", "normalize", "write_dataset", "analytics_query"), "succeeded")
    assert road.edges.calls == ["SyncSource", "Normalize", "Normalize", "RunRollup"]

    kinds = [
        "connector.profile.resolved",
        "workflow.run.started",
        "connector.run.started",
        "connector.run.succeeded",
        "workflow.run.succeeded",
    ]
    assert await road.events(run.run_id, len(kinds)) == kinds
    summary = await road.clients.aggregator.GetSummary(aggregator.GetSummaryRequest())
    assert (summary.results, summary.failed, summary.counts.canonical) == (4, 0, 15)
    assert [(each.dataset, each.counts.records_in) for each in summary.datasets] == [("sales-events", 20), ("sales-rollup-daily", 0)]


async def test_workflow_is_created_once(road: Road) -> None:
    """The same key, the same name with the same steps, and the compact form all give the first workflow; other content is a conflict."""
    first = await road.create("key-1")
    assert (await road.create("key-1")).workflow_id == first.workflow_id
    assert (await road.create()).workflow_id == first.workflow_id
    request = pb.CreateWorkflowRequest(name="sales-onboard")
    compact = {"connector_sync": "connector_id", "normalize": "profile", "write_dataset": "dataset_id", "analytics_query": "query_ref"}
    request.spec.update({"steps": [{"type": step.type, compact[step.type]: step.profile_ref} for step in first.steps]})
    assert (await road.clients.orchestrator.CreateWorkflow(request)).workflow_id == first.workflow_id

    request.spec.update({"steps": [{"type": step.type, compact[step.type]: step.profile_ref} for step in first.steps[:3]]})
    for ask in (
        road.clients.orchestrator.CreateWorkflow(request),
        road.clients.orchestrator.CreateWorkflow(request, metadata=(("x-idempotency-key", "key-1"),)),
    ):
        with pytest.raises(RemoteError) as refused:
            await ask
        assert refused.value.remote_reason == "WORKFLOW_CONFLICT"


async def test_run_is_started_once_for_its_key(road: Road) -> None:
    """RunWorkflow with a key that was used answers with that run and starts none."""
    workflow = await road.create()
    first = await road.run(workflow.workflow_id, "again")
    assert (await road.run(workflow.workflow_id, "again")).run_id == first.run_id
    other = await road.run(workflow.workflow_id)
    listed = await road.clients.orchestrator.ListRuns(pb.ListRunsRequest(page_size=1))
    assert [run.run_id for run in listed.runs] == [other.run_id]
    rest = await road.clients.orchestrator.ListRuns(pb.ListRunsRequest(page_size=1, page_token=listed.next_page_token))
    assert ([run.run_id for run in rest.runs], rest.next_page_token) == ([first.run_id], "")


async def test_nothing_canonical_is_quarantined(road: Road) -> None:
    """A run ends QUARANTINED if all of its records are quarantined, and its rollup doesn't run."""
    road.edges.pages = [[0, 3], [0, 4]]
    await road.start_drone()
    ended = await road.end((await road.run((await road.create()).workflow_id)).run_id)
    assert ended.state == pb.RUN_STATE_QUARANTINED
    assert ended.counts.quarantined == ended.counts.records_in == 7
    assert steps(ended)["analytics_query"] == "quarantined"
    assert "RunRollup" not in road.edges.calls


async def test_final_failure_names_its_reason(road: Road) -> None:
    """An upstream that answers HTML fails step and run with its reason; what isn't begun is cancelled; the ledger says so."""
    road.edges.failures["SyncSource"] = [HtmlAnswered()]
    await road.start_drone()
    run = await road.run((await road.create()).workflow_id)
    ended = await road.end(run.run_id)
    assert (ended.state, ended.reason) == (pb.RUN_STATE_FAILED, "UPSTREAM_BAD_RESPONSE")
    assert steps(ended) == {
        "connector_sync": "failed",
        "normalize": "cancelled",
        "write_dataset": "cancelled",
        "analytics_query": "cancelled",
    }
    kinds = await road.events(run.run_id, 5)
    assert kinds[-2:] == ["connector.run.failed", "workflow.run.failed"]


async def test_unavailable_service_delays_only(road: Road) -> None:
    """A store that is away for a while costs time and no attempt that counts: the run succeeds."""
    road.edges.failures["Normalize"] = [Away(retry_after_s=0.05) for _ in range(8)]
    await road.start_drone()
    ended = await road.end((await road.run((await road.create()).workflow_id)).run_id, 60)
    assert ended.state == pb.RUN_STATE_SUCCEEDED


async def test_cancelled_run_stops(road: Road) -> None:
    """A cancelled run's work is dropped, its drone let go, its state final; cancelling again is well, after another end it is refused."""
    road.edges.normalizing.clear()
    await road.start_drone()
    workflow = await road.create()
    run = await road.run(workflow.workflow_id)
    await road.edges.normalize_called.wait()
    cancelled = await road.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=run.run_id))
    assert cancelled.state == pb.RUN_STATE_CANCELLED
    assert (await road.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=run.run_id))).revision == cancelled.revision
    async with asyncio.timeout(60):
        while (await road.clients.coordinator.GetQueueStats(coordinator_pb2.GetQueueStatsRequest())).queued_items:  # noqa: ASYNC110 - over the wire
            await asyncio.sleep(0.02)

    road.edges.normalizing.set()
    other = await road.end((await road.run(workflow.workflow_id)).run_id)
    with pytest.raises(RemoteError) as refused:
        await road.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=other.run_id))
    assert refused.value.remote_reason == "ILLEGAL_TRANSITION"


async def test_watch_tells_every_revision_once_and_the_last(road: Road) -> None:
    """A watch's revisions rise, only its last message says so, and a watch of an ended run is that one message."""
    await road.start_drone()
    run = await road.run((await road.create()).workflow_id)
    seen = await road.watch(run.run_id)
    revisions = [message.run.revision for message in seen]
    assert revisions == sorted(set(revisions))
    assert [message.last for message in seen] == [False] * (len(seen) - 1) + [True]
    assert len(await road.watch(run.run_id)) == 1


async def test_restart_goes_on_and_counts_once(road: Road) -> None:
    """Stopped in the middle, all services and the drone, a run goes on after the start, and every item is counted once."""
    road.edges.pages = [[10, 1]] * 12
    road.edges.normalizing.clear()
    await road.start_drone()
    run = await road.run((await road.create()).workflow_id)
    await road.edges.normalize_called.wait()
    stopping = asyncio.create_task(road.stop_drone())
    await asyncio.sleep(0.05)
    road.edges.normalizing.set()
    await stopping
    await road.restart()
    await road.start_drone()
    ended = await road.end(run.run_id)
    assert ended.state == pb.RUN_STATE_SUCCEEDED
    assert (ended.counts.records_in, ended.counts.canonical) == (132, 120)
    assert {step.name: step.work_total for step in ended.steps} == {
        "connector_sync": 6,
        "normalize": 12,
        "write_dataset": 12,
        "analytics_query": 1,
    }


async def test_ledger_events_survive_an_absent_ledger(road: Road) -> None:
    """Events of a run that ended while the audit service was away are appended once it is back, none lost, none twice."""
    await road.restart("registry", "coordinator", "orchestrator", "aggregator")
    await road.start_drone()
    run = await road.run((await road.create()).workflow_id)
    assert (await road.end(run.run_id)).state == pb.RUN_STATE_SUCCEEDED
    await road.stop_drone()
    await road.restart()
    assert len(await road.events(run.run_id, 5)) == 5


async def test_unknown_things_have_their_reasons(road: Road) -> None:
    """Unknown ids are NOT_FOUND with their reason; another project's are unknown."""
    workflow = await road.create()
    run = await road.run(workflow.workflow_id)
    with scoped(Scope("user:eve", "tenant-demo", "proj-other", frozenset({"engineer"}))):
        for ask, reason in (
            (road.clients.orchestrator.GetRun(pb.GetRunRequest(run_id=run.run_id)), "RUN_UNKNOWN"),
            (road.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=run.run_id)), "RUN_UNKNOWN"),
            (road.run(workflow.workflow_id), "WORKFLOW_UNKNOWN"),
            (road.clients.orchestrator.DeleteWorkflow(pb.DeleteWorkflowRequest(workflow_id=workflow.workflow_id)), "WORKFLOW_UNKNOWN"),
        ):
            with pytest.raises(RemoteError) as refused:
                await ask
            assert refused.value.remote_reason == reason


async def test_deleted_workflow_frees_its_name(road: Road) -> None:
    """Deleting is idempotent, keeps runs, refuses new ones, and lets the name be used again."""
    workflow = await road.create()
    run = await road.run(workflow.workflow_id)
    for _ in range(2):
        await road.clients.orchestrator.DeleteWorkflow(pb.DeleteWorkflowRequest(workflow_id=workflow.workflow_id))
    assert (await road.clients.orchestrator.GetRun(pb.GetRunRequest(run_id=run.run_id))).run_id == run.run_id
    with pytest.raises(RemoteError) as refused:
        await road.run(workflow.workflow_id)
    assert refused.value.remote_reason == "WORKFLOW_UNKNOWN"
    assert (await road.create()).workflow_id != workflow.workflow_id


async def test_bad_workflows_are_refused_with_their_place(road: Road) -> None:
    """A workflow that names no profile, an unknown one, or steps without a way for pages is refused, and none is stored."""
    for document, reason in (
        ({"steps": [{"type": "normalize", "profile": "tenant-demo/proj-sales::normalizer/sales-default@1.0.0"}]}, "PROFILE_INVALID"),
        ({"steps": [{"type": "connector_sync", "connector_id": "tenant-demo/proj-sales::connector/none@1.0.0"}]}, "PROFILE_UNKNOWN"),
        ({"steps": [{"type": "connector_sync", "connector_id": "tenant-demo/proj-sales::connector/sales-http@latest"}]}, "PROFILE_INVALID"),
    ):
        request = pb.CreateWorkflowRequest(name="bad")
        request.spec.update(document)
        with pytest.raises(RemoteError) as refused:
            await road.clients.orchestrator.CreateWorkflow(request)
        assert refused.value.remote_reason == reason
    assert not (await road.clients.orchestrator.ListWorkflows(pb.ListWorkflowsRequest())).workflows


async def test_full_queue_slows_a_run_and_nothing_else(road: Road) -> None:
    """With room for two items of a source, a run of many pages waits for room again and again, and succeeds."""
    road.edges.pages = [[1, 0]] * 12
    await road.restart(limits__queue_source_items_max=2)
    await road.start_drone()
    ended = await road.end((await road.run((await road.create()).workflow_id)).run_id, 60)
    assert (ended.state, ended.counts.canonical) == (pb.RUN_STATE_SUCCEEDED, 12)


async def test_too_many_open_runs_are_refused_for_a_while(road: Road) -> None:
    """Above the bound of open runs a start is QUEUE_FULL with a time to retry; once one has ended it is accepted."""
    await road.restart(limits__runs_open_max=1)
    workflow = await road.create()
    first = await road.run(workflow.workflow_id)
    with pytest.raises(RemoteError) as refused:
        await road.run(workflow.workflow_id)
    assert refused.value.remote_reason == "QUEUE_FULL"
    assert refused.value.retry_after_s
    await road.clients.orchestrator.CancelRun(pb.CancelRunRequest(run_id=first.run_id))
    assert await road.run(workflow.workflow_id)


async def test_run_that_takes_too_long_is_failed(road: Road) -> None:
    """A run above its age ends as failed with DEADLINE_EXCEEDED, and its work is dropped."""
    await road.restart(limits__run_s_max=1)
    ended = await road.end((await road.run((await road.create()).workflow_id)).run_id)
    assert (ended.state, ended.reason) == (pb.RUN_STATE_FAILED, "DEADLINE_EXCEEDED")


async def test_drone_that_stops_gives_its_work_back(road: Road) -> None:
    """A drone that is stopped in the middle of a piece of work lets another finish it, without waiting for its lease to end."""
    road.edges.normalizing.clear()
    await road.restart(limits__drain_s=1, limits__lease_s=600)
    await road.start_drone()
    run = await road.run((await road.create()).workflow_id)
    await road.edges.normalize_called.wait()
    await road.stop_drone()
    road.edges.normalizing.set()
    other = DroneWorker(road.host.config, "drone-2")
    await other.start()
    assert (await road.end(run.run_id)).state == pb.RUN_STATE_SUCCEEDED, "long before the lease would have ended"
    await other.stop()
