"""Events over gRPC: the runs that they start, many events at once, and that each counts once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.v1 import orchestrator_pb2 as pb
from chartly.v1 import registry_pb2

StartHost = Callable[..., Awaitable[Host]]
ADA = Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"engineer"}))
BOB = Scope("user:bob", "tenant-demo", "proj-other", frozenset({"engineer"}))
CONNECTOR = """apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {kind: connector, name: orders, version: 1.0.0}
spec: {transport: {kind: push, maxPayloadBytes: 1048576}}
"""
REF = "tenant-demo/proj-sales::connector/orders@1.0.0"
LANDED = pb.EVENT_KIND_BLOB_LANDED


class EventPlatform:
    """A platform without drones: runs begin and stay open until they are cancelled."""

    def __init__(self, host: Host) -> None:
        self.host = host

    @property
    def orchestrator(self) -> Any:
        """The orchestrator's client for this project."""
        return self.host.clients("test").orchestrator

    async def create(self, name: str, schedule: dict[str, Any]) -> pb.Workflow:
        """Create a workflow of one sync that starts on events."""
        request = pb.CreateWorkflowRequest(name=name)
        request.spec.update({"steps": [{"type": "connector_sync", "connector_id": REF}], "schedule": schedule})
        return await self.orchestrator.CreateWorkflow(request)

    async def send(self, event_id: str, subject: str = "orders", kind: pb.EventKind = LANDED) -> list[pb.NotifiedWorkflow]:
        """Send an event."""
        received = await self.orchestrator.NotifyEvent(pb.NotifyEventRequest(event_id=event_id, kind=kind, subject=subject))
        return list(received.workflows)

    async def runs(self, workflow_id: str = "") -> list[pb.Run]:
        """Return all runs, newest first."""
        return list((await self.orchestrator.ListRuns(pb.ListRunsRequest(workflow_id=workflow_id))).runs)

    async def begun(self, run_id: str) -> pb.Run:
        """Wait until a run has begun."""
        async with asyncio.timeout(60):
            while True:
                try:
                    return await self.orchestrator.GetRun(pb.GetRunRequest(run_id=run_id))
                except RemoteError as refused:
                    if refused.remote_reason != "RUN_UNKNOWN":
                        raise
                await asyncio.sleep(0.02)

    async def cancel(self, run_id: str) -> None:
        """Cancel a run."""
        await self.orchestrator.CancelRun(pb.CancelRunRequest(run_id=run_id))


@pytest.fixture
async def events(start_host: StartHost) -> AsyncIterator[EventPlatform]:
    """A platform with a push source."""
    host = await start_host("registry", "coordinator", "orchestrator", "audit")
    with scoped(ADA):
        await host.clients("test").registry.PutProfile(registry_pb2.PutProfileRequest(ref=REF, document=CONNECTOR))
        yield EventPlatform(host)


async def test_event_starts_the_run_that_it_names(events: EventPlatform) -> None:
    """The answer to an event has its run, which starts for the principal who created the workflow."""
    workflow = await events.create("orders", {"on": {"blobLanded": "orders"}})
    [noted] = await events.send("e1")
    run = await events.begun(noted.run_id)
    assert (noted.workflow_id, noted.workflow_name) == (workflow.workflow_id, "orders")
    assert (run.workflow_id, run.trigger.kind, run.trigger.subject) == (workflow.workflow_id, pb.TRIGGER_KIND_EVENT, "orders")
    assert run.trigger.event_kind == LANDED


async def test_events_during_a_run_are_one_run(events: EventPlatform) -> None:
    """All events that arrive during an open run are taken by exactly one further run."""
    workflow = await events.create("orders", {"on": {"blobLanded": "orders"}})
    [first] = await events.send("first")
    await events.begun(first.run_id)

    crowd = await asyncio.gather(*(events.send(f"e{n}") for n in range(300)))
    [following] = {noted.run_id for [noted] in crowd}
    assert following != first.run_id
    assert [run.run_id for run in await events.runs()] == [first.run_id]

    await events.cancel(first.run_id)
    await events.begun(following)
    await events.cancel(following)
    [last] = await events.send("last")
    await events.begun(last.run_id)
    assert {run.run_id for run in await events.runs(workflow.workflow_id)} == {first.run_id, following, last.run_id}


async def test_repeated_event_does_nothing(events: EventPlatform) -> None:
    """A repeated event id returns the first one's run, also after its end and a restart, and starts none."""
    await events.create("orders", {"on": {"blobLanded": "orders"}})
    [first] = await events.send("e1")
    await events.begun(first.run_id)
    await events.cancel(first.run_id)
    assert [noted.run_id for noted in await events.send("e1")] == [first.run_id]
    [other] = await events.send("e2")
    await events.begun(other.run_id)
    assert len(await events.runs()) == 2


async def test_event_matches_kind_subject_and_project(events: EventPlatform) -> None:
    """Kind, subject and project must match; an event that matches no workflow returns no run."""
    await events.create("orders", {"on": {"blobLanded": "orders"}})
    hooked = await events.create("hooked", {"on": {"webhook": "orders"}})
    assert await events.send("e1", "payments") == []
    assert await events.send("e2", kind=pb.EVENT_KIND_DATASET_UPDATED) == []
    assert [noted.workflow_id for noted in await events.send("e3", kind=pb.EVENT_KIND_WEBHOOK)] == [hooked.workflow_id]
    with scoped(BOB):
        assert await events.send("e4") == []


async def test_waiting_run_survives_a_restart(events: EventPlatform, start_host: StartHost) -> None:
    """A run that waited for another starts after a restart without a repeated event."""
    await events.create("orders", {"on": {"blobLanded": "orders"}})
    [first] = await events.send("e1")
    await events.begun(first.run_id)
    [waiting] = await events.send("e2")
    await events.host.stop()
    events.host = await start_host("registry", "coordinator", "orchestrator", "audit")
    await events.cancel(first.run_id)
    await events.begun(waiting.run_id)


async def test_run_of_a_deleted_workflow_does_not_begin(events: EventPlatform) -> None:
    """Deleting a workflow deletes its waiting run and frees its name for a new workflow that receives events."""
    workflow = await events.create("orders", {"on": {"blobLanded": "orders"}})
    [first] = await events.send("e1")
    await events.begun(first.run_id)
    await events.send("e2")
    await events.orchestrator.DeleteWorkflow(pb.DeleteWorkflowRequest(workflow_id=workflow.workflow_id))
    await events.cancel(first.run_id)
    assert await events.send("e3") == []
    again = await events.create("orders", {"on": {"blobLanded": "orders"}})
    [noted] = await events.send("e4")
    assert (await events.begun(noted.run_id)).workflow_id == again.workflow_id
    assert [run.run_id for run in await events.runs(workflow.workflow_id)] == [first.run_id]


async def test_event_must_be_whole(events: EventPlatform) -> None:
    """An event needs id, kind and subject."""
    with pytest.raises(RemoteError) as refused:
        await events.orchestrator.NotifyEvent(pb.NotifyEventRequest())
    assert {violation.field for violation in refused.value.violations} == {"event_id", "kind", "subject"}


async def test_new_run_cancels_the_open_one(events: EventPlatform) -> None:
    """With cancelRunning an event cancels the open run and starts a new one."""
    await events.create("orders", {"on": {"blobLanded": "orders"}, "overlap": "cancelRunning"})
    [first] = await events.send("e1")
    await events.begun(first.run_id)
    [second] = await events.send("e2")
    await events.begun(second.run_id)
    assert (await events.begun(first.run_id)).state == pb.RUN_STATE_CANCELLED
