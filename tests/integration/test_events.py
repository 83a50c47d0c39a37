"""Events over the real wire: what they start, what they cost when they come in crowds, and that none is lost or counted twice."""

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


class Ear:
    """A platform without drones: runs begin and stay open until they are cancelled."""

    def __init__(self, host: Host) -> None:
        self.host = host

    @property
    def orchestrator(self) -> Any:
        """The orchestrator as a client of this project sees it."""
        return self.host.clients("test").orchestrator

    async def create(self, name: str, schedule: dict[str, Any]) -> pb.Workflow:
        """Make a workflow of one sync that runs by itself."""
        request = pb.CreateWorkflowRequest(name=name)
        request.spec.update({"steps": [{"type": "connector_sync", "connector_id": REF}], "schedule": schedule})
        return await self.orchestrator.CreateWorkflow(request)

    async def tell(self, event_id: str, subject: str = "orders", kind: pb.EventKind = LANDED) -> list[pb.NotifiedWorkflow]:
        """Send an event."""
        received = await self.orchestrator.NotifyEvent(pb.NotifyEventRequest(event_id=event_id, kind=kind, subject=subject))
        return list(received.workflows)

    async def runs(self, workflow_id: str = "") -> list[pb.Run]:
        """All runs, newest first."""
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
        """End a run."""
        await self.orchestrator.CancelRun(pb.CancelRunRequest(run_id=run_id))


@pytest.fixture
async def ear(start_host: StartHost) -> AsyncIterator[Ear]:
    """A platform with a push source."""
    host = await start_host("registry", "coordinator", "orchestrator", "audit")
    with scoped(ADA):
        await host.clients("test").registry.PutProfile(registry_pb2.PutProfileRequest(ref=REF, document=CONNECTOR))
        yield Ear(host)


async def test_event_starts_the_run_that_it_names(ear: Ear) -> None:
    """The answer to an event names its run, which starts for the principal who made the workflow."""
    workflow = await ear.create("orders", {"on": {"blobLanded": "orders"}})
    [noted] = await ear.tell("e1")
    run = await ear.begun(noted.run_id)
    assert (noted.workflow_id, noted.workflow_name) == (workflow.workflow_id, "orders")
    assert (run.workflow_id, run.trigger.kind, run.trigger.subject) == (workflow.workflow_id, pb.TRIGGER_KIND_EVENT, "orders")
    assert run.trigger.event_kind == LANDED


async def test_events_in_a_crowd_are_one_run(ear: Ear) -> None:
    """However many events come while a run is open, exactly one more run takes them all."""
    workflow = await ear.create("orders", {"on": {"blobLanded": "orders"}})
    [first] = await ear.tell("first")
    await ear.begun(first.run_id)

    crowd = await asyncio.gather(*(ear.tell(f"e{n}") for n in range(300)))
    [following] = {noted.run_id for [noted] in crowd}
    assert following != first.run_id
    assert [run.run_id for run in await ear.runs()] == [first.run_id]

    await ear.cancel(first.run_id)
    await ear.begun(following)
    await ear.cancel(following)
    [last] = await ear.tell("last")
    await ear.begun(last.run_id)
    assert {run.run_id for run in await ear.runs(workflow.workflow_id)} == {first.run_id, following, last.run_id}


async def test_event_told_again_does_nothing(ear: Ear) -> None:
    """The same event id names the first one's run, after that run has ended and after a restart as well, and begins none."""
    await ear.create("orders", {"on": {"blobLanded": "orders"}})
    [first] = await ear.tell("e1")
    await ear.begun(first.run_id)
    await ear.cancel(first.run_id)
    assert [noted.run_id for noted in await ear.tell("e1")] == [first.run_id]
    [other] = await ear.tell("e2")
    await ear.begun(other.run_id)
    assert len(await ear.runs()) == 2


async def test_event_concerns_who_listens(ear: Ear) -> None:
    """Kind, subject and project must match; an event without a workflow is answered with no run."""
    await ear.create("orders", {"on": {"blobLanded": "orders"}})
    hooked = await ear.create("hooked", {"on": {"webhook": "orders"}})
    assert await ear.tell("e1", "payments") == []
    assert await ear.tell("e2", kind=pb.EVENT_KIND_DATASET_UPDATED) == []
    assert [noted.workflow_id for noted in await ear.tell("e3", kind=pb.EVENT_KIND_WEBHOOK)] == [hooked.workflow_id]
    with scoped(BOB):
        assert await ear.tell("e4") == []


async def test_waiting_run_survives_a_restart(ear: Ear, start_host: StartHost) -> None:
    """A run that waited for another starts after a restart, without a repeated event."""
    await ear.create("orders", {"on": {"blobLanded": "orders"}})
    [first] = await ear.tell("e1")
    await ear.begun(first.run_id)
    [waiting] = await ear.tell("e2")
    await ear.host.stop()
    ear.host = await start_host("registry", "coordinator", "orchestrator", "audit")
    await ear.cancel(first.run_id)
    await ear.begun(waiting.run_id)


async def test_run_of_a_deleted_workflow_does_not_begin(ear: Ear) -> None:
    """Deleting a workflow deletes its waiting run; its name is free, and a new workflow of this name receives events."""
    workflow = await ear.create("orders", {"on": {"blobLanded": "orders"}})
    [first] = await ear.tell("e1")
    await ear.begun(first.run_id)
    await ear.tell("e2")
    await ear.orchestrator.DeleteWorkflow(pb.DeleteWorkflowRequest(workflow_id=workflow.workflow_id))
    await ear.cancel(first.run_id)
    assert await ear.tell("e3") == []
    again = await ear.create("orders", {"on": {"blobLanded": "orders"}})
    [noted] = await ear.tell("e4")
    assert (await ear.begun(noted.run_id)).workflow_id == again.workflow_id
    assert [run.run_id for run in await ear.runs(workflow.workflow_id)] == [first.run_id]


async def test_event_must_be_whole(ear: Ear) -> None:
    """Id, kind and subject are required."""
    with pytest.raises(RemoteError) as refused:
        await ear.orchestrator.NotifyEvent(pb.NotifyEventRequest())
    assert {violation.field for violation in refused.value.violations} == {"event_id", "kind", "subject"}


async def test_new_run_cancels_the_open_one(ear: Ear) -> None:
    """With cancelRunning an event doesn't wait: the open run is cancelled, and the new one begins."""
    await ear.create("orders", {"on": {"blobLanded": "orders"}, "overlap": "cancelRunning"})
    [first] = await ear.tell("e1")
    await ear.begun(first.run_id)
    [second] = await ear.tell("e2")
    await ear.begun(second.run_id)
    assert (await ear.begun(first.run_id)).state == pb.RUN_STATE_CANCELLED
