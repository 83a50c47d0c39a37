"""The coordinator over a real socket and database."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from hashlib import sha256
from typing import Any

import pytest

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.rpc.clients import Channels, Clients
from chartly.platform.service_locks import ServiceTaken
from chartly.v1 import common_pb2, gateway_pb2
from chartly.v1 import coordinator_pb2 as pb

StartHost = Callable[..., Awaitable[Host]]
SERVICE = Scope.service("test", "tenant-demo", "proj-sales")


def wanted(key: str, source: str = "sales", **fields: Any) -> pb.WorkItem:
    """Return an item as the orchestrator queues it."""
    raw, frozen = common_pb2.RawRef(key=key, sha256=sha256(key.encode()).hexdigest()), common_pb2.FrozenProfile(hash="sha256:0")
    task = pb.WorkTask(normalize=pb.NormalizeTask(raw=raw, normalizer=frozen, storage=frozen))
    return pb.WorkItem(work_key=key, task=task, source_id=source, run_id="run_1", step="normalize", **fields)


async def enqueue(clients: Clients, *items: pb.WorkItem) -> Sequence[pb.WorkItem]:
    """Queue items; return the answer's items."""
    return (await clients.coordinator.EnqueueWork(pb.EnqueueWorkRequest(items=items))).items


async def drone(clients: Clients, name: str = "one") -> str:
    """Register a drone; return its id."""
    return (await clients.coordinator.RegisterDrone(pb.RegisterDroneRequest(name=name))).drone.drone_id


async def lease(clients: Clients, drone_id: str, count: int = 1, wait_ms: int = 0) -> Sequence[pb.Lease]:
    """Lease work for a drone."""
    request = pb.LeaseWorkRequest(drone_id=drone_id, max_items=count, wait_ms=wait_ms)
    return (await clients.coordinator.LeaseWork(request)).leases


async def finished(clients: Clients, wait_ms: int = 0) -> Sequence[pb.WorkItem]:
    """List finished work."""
    return (await clients.coordinator.ListFinishedWork(pb.ListFinishedWorkRequest(wait_ms=wait_ms))).items


async def complete(clients: Clients, drone_id: str, held: pb.Lease, rows: int = 0) -> pb.WorkItem:
    """Complete a lease."""
    outcome = pb.WorkOutcome(normalize=pb.NormalizeOutcome(counts=common_pb2.RecordCounts(records_in=rows, canonical=rows)))
    request = pb.CompleteWorkRequest(drone_id=drone_id, work_id=held.item.work_id, lease_id=held.lease_id, outcome=outcome)
    return (await clients.coordinator.CompleteWork(request)).item


@pytest.fixture
async def clients(start_host: StartHost) -> AsyncIterator[Clients]:
    """Clients of a coordinator, as a service of the demo's project."""
    host = await start_host("coordinator")
    with scoped(SERVICE):
        yield host.clients("test")


async def test_item_goes_through_lease_to_its_end(clients: Clients) -> None:
    """A queued item is leased with task and token, completed, and listed as finished with its outcome."""
    [queued] = await enqueue(clients, wanted("a"))
    one = await drone(clients)
    [held] = await lease(clients, one)
    assert held.item.work_id == queued.work_id
    assert held.item.task.normalize.raw.key == "a"
    assert held.token

    ended = await complete(clients, one, held, rows=3)
    assert ended.finish_sequence == 1
    [listed] = await finished(clients)
    assert (listed.work_key, listed.outcome.normalize.counts.records_in, listed.state) == ("a", 3, pb.WORK_STATE_COMPLETED)


async def test_same_key_is_the_same_item_even_after_its_end(clients: Clients) -> None:
    """EnqueueWork with a known key returns the known item, open or ended, and queues nothing."""
    [first] = await enqueue(clients, wanted("a"))
    again = await enqueue(clients, wanted("a"), wanted("a"))
    assert {item.work_id for item in again} == {first.work_id}

    one = await drone(clients)
    [held] = await lease(clients, one)
    await complete(clients, one, held)
    [ended] = await enqueue(clients, wanted("a"))
    assert (ended.work_id, ended.state) == (first.work_id, pb.WORK_STATE_COMPLETED)
    assert not await lease(clients, one)


async def test_complete_is_idempotent_for_its_lease_alone(clients: Clients) -> None:
    """A repeated CompleteWork returns the same answer; with another lease it is LEASE_LOST."""
    await enqueue(clients, wanted("a"))
    one = await drone(clients)
    [held] = await lease(clients, one)
    first = await complete(clients, one, held, rows=1)
    assert await complete(clients, one, held, rows=2) == first

    held.lease_id = "another"
    with pytest.raises(RemoteError) as refused:
        await complete(clients, one, held)
    assert refused.value.remote_reason == "LEASE_LOST"


async def test_long_polls_answer_before_their_wait_is_over(clients: Clients) -> None:
    """A waiting LeaseWork or ListFinishedWork answers as soon as there is something."""
    one = await drone(clients)
    waiting = asyncio.create_task(lease(clients, one, wait_ms=25_000))
    ends = asyncio.create_task(finished(clients, wait_ms=25_000))
    await asyncio.sleep(0.1)
    async with asyncio.timeout(15):
        await enqueue(clients, wanted("a"))
        [held] = await waiting
        await complete(clients, one, held)
        assert len(await ends) == 1


async def test_failed_attempt_waits_and_the_last_is_a_dead_letter(clients: Clients) -> None:
    """A failed attempt queues the item until its last attempt; other items are not delayed."""
    await enqueue(clients, wanted("a"), wanted("b", source="other"))
    one = await drone(clients)
    held = {each.item.work_key: each for each in await lease(clients, one, count=2)}
    fail = pb.FailWorkRequest(drone_id=one, work_id=held["a"].item.work_id, lease_id=held["a"].lease_id, reason="CORRUPT", final=True)
    ended = (await clients.coordinator.FailWork(fail)).item
    assert (ended.state, ended.reason) == (pb.WORK_STATE_FAILED, "CORRUPT")
    await complete(clients, one, held["b"])

    stats = await clients.coordinator.GetQueueStats(pb.GetQueueStatsRequest())
    assert (stats.dead_letters, stats.queued_items, stats.drones_active) == (1, 0, 1)


async def test_cancelled_work_is_let_go(clients: Clients) -> None:
    """CancelWork deletes waiting items, and the drone's next heartbeat returns the cancelled lease."""
    await enqueue(clients, wanted("a"), wanted("b"))
    one = await drone(clients)
    [held] = await lease(clients, one)
    answer = await clients.coordinator.CancelWork(pb.CancelWorkRequest(run_id="run_1"))
    assert (answer.dropped, answer.revoked) == (1, 1)

    beat = await clients.coordinator.HeartbeatDrone(pb.HeartbeatDroneRequest(drone_id=one, lease_ids=[held.lease_id]))
    assert list(beat.lost_lease_ids) == [held.lease_id]
    with pytest.raises(RemoteError) as refused:
        await complete(clients, one, held)
    assert refused.value.remote_reason == "LEASE_LOST"


async def test_full_queue_refuses_the_whole_call(start_host: StartHost) -> None:
    """Above its bound the queue refuses the whole call as QUEUE_FULL with a time to retry."""
    host = await start_host("coordinator", limits__queue_source_items_max=3)
    clients = host.clients("test")
    with scoped(SERVICE):
        await enqueue(clients, wanted("a"), wanted("b"))
        with pytest.raises(RemoteError) as refused:
            await enqueue(clients, wanted("c"), wanted("d"))
        assert refused.value.remote_reason == "QUEUE_FULL"
        assert refused.value.retry_after_s
        stats = await clients.coordinator.GetQueueStats(pb.GetQueueStatsRequest())
        assert stats.queued_items == 2


async def test_restart_keeps_queue_leases_and_sequence(start_host: StartHost) -> None:
    """After a restart leases and waiting items are the same, and the sequence continues without a gap."""
    host = await start_host("coordinator")
    with scoped(SERVICE):
        clients = host.clients("test")
        await enqueue(clients, wanted("a"), wanted("b"), wanted("c"))
        one = await drone(clients)
        first, second = await lease(clients, one, count=2)
        await complete(clients, one, first)
        await host.stop()

        clients = (await start_host("coordinator")).clients("test")
        assert (await complete(clients, one, second)).finish_sequence == 2
        [third] = await lease(clients, one, count=5)
        assert third.item.work_key == "c"


async def test_restarted_drone_frees_its_leases(clients: Clients) -> None:
    """A drone that registers under the same name keeps its id and frees its former leases at once."""
    await enqueue(clients, wanted("a"))
    one = await drone(clients)
    [held] = await lease(clients, one)
    assert await drone(clients) == one
    [again] = await lease(clients, one)
    assert (again.item.work_id, again.item.attempts) == (held.item.work_id, 2)


async def test_expired_lease_goes_to_another_drone(start_host: StartHost) -> None:
    """An expired lease's item goes to another drone that is already waiting."""
    host = await start_host("coordinator", limits__lease_s=1)
    clients = host.clients("test")
    with scoped(SERVICE):
        await enqueue(clients, wanted("a"))
        one, two = await drone(clients), await drone(clients, "two")
        assert await lease(clients, one)
        [held] = await lease(clients, two, wait_ms=5_000)
        assert held.item.attempts == 2


async def test_second_coordinator_on_one_data_directory_is_refused(start_host: StartHost) -> None:
    """A second coordinator on the same data directory does not start, names the process that runs, and leaves the first its queue."""
    host = await start_host("coordinator")
    with pytest.raises(ServiceTaken) as refused:
        await start_host("coordinator", server__listen="127.0.0.1:0")
    assert refused.value.pid == str(os.getpid())
    with scoped(SERVICE):
        await enqueue(host.clients("test"), wanted("a"))


async def test_readiness_needs_a_drone(start_host: StartHost) -> None:
    """Without a drone, readiness is refused with the next step; with one it is given; with one that drains it is refused once more."""
    host = await start_host("gateway", "coordinator")
    clients = host.clients("test")

    async def problems() -> str:
        try:
            await clients.gateway.GetReadiness(gateway_pb2.GetReadinessRequest())
        except RemoteError as refused:
            return refused.remote_message
        return ""

    async def until(text: str) -> None:
        async with asyncio.timeout(15):
            while text not in await problems() or (not text and await problems()):  # noqa: ASYNC110 - readiness sends no notification
                await asyncio.sleep(0.05)

    with scoped(SERVICE):
        assert "chartly drone" in await problems()
        one = await drone(clients)
        await until("")
        await clients.coordinator.HeartbeatDrone(pb.HeartbeatDroneRequest(drone_id=one, draining=True))
        await until("chartly drone")
        status = await clients.gateway.GetStatus(gateway_pb2.GetStatusRequest())
        assert {each.service: each.status for each in status.services} == {
            "coordinator": "serving",
            "drones": "not_serving",
            "gateway": "serving",
        }


async def test_forgotten_drone_is_unknown(clients: Clients) -> None:
    """Heartbeat and lease of a forgotten drone are DRONE_UNKNOWN."""
    for ask in (
        clients.coordinator.HeartbeatDrone(pb.HeartbeatDroneRequest(drone_id="drone_none")),
        clients.coordinator.LeaseWork(pb.LeaseWorkRequest(drone_id="drone_none", wait_ms=5_000)),
    ):
        with pytest.raises(RemoteError) as refused:
            await ask
        assert refused.value.remote_reason == "DRONE_UNKNOWN"


async def test_stop_does_not_wait_for_long_polls(start_host: StartHost) -> None:
    """A host with waiting long polls stops at once; they are answered empty."""
    host = await start_host("coordinator")
    # Another process's channels: the host closes its own when it stops, whatever is on them.
    channels = Channels(host.config)
    with scoped(SERVICE):
        clients = Clients("test", host.config, channels, host.tokens)
        one = await drone(clients)
        waiting = asyncio.create_task(lease(clients, one, wait_ms=25_000))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(15):
            await host.stop()
            assert not await waiting
    await channels.close()


async def test_outcome_of_another_kind_is_refused(clients: Clients) -> None:
    """CompleteWork without an outcome, or with one of another kind, is refused and keeps the lease."""
    await enqueue(clients, wanted("a"))
    one = await drone(clients)
    [held] = await lease(clients, one)
    for outcome in (None, pb.WorkOutcome(analytics_query=pb.RollupOutcome(dataset="d"))):
        request = pb.CompleteWorkRequest(drone_id=one, work_id=held.item.work_id, lease_id=held.lease_id, outcome=outcome)
        with pytest.raises(RemoteError) as refused:
            await clients.coordinator.CompleteWork(request)
        assert refused.value.remote_reason == "INVALID_REQUEST"
    assert (await complete(clients, one, held)).state == pb.WORK_STATE_COMPLETED


async def test_item_without_a_task_is_refused(clients: Clients) -> None:
    """EnqueueWork of an item without a task is refused."""
    item = wanted("a")
    item.ClearField("task")
    with pytest.raises(RemoteError) as refused:
        await enqueue(clients, item)
    assert refused.value.remote_reason == "INVALID_REQUEST"


async def test_task_has_a_bound(start_host: StartHost) -> None:
    """A task of the bound's size is stored; one byte more is refused with the field's name."""
    task = wanted("a").task
    host = await start_host("coordinator", limits__work_task_bytes_max=task.ByteSize())
    with scoped(SERVICE):
        clients = host.clients("test")
        await enqueue(clients, wanted("a"))
        with pytest.raises(RemoteError) as refused:
            await enqueue(clients, wanted("bb"))
    assert refused.value.remote_reason == "INVALID_REQUEST"


async def test_outcome_has_a_bound(start_host: StartHost) -> None:
    """An outcome of the bound's size ends the item; a larger one is refused and keeps the lease."""
    counts = common_pb2.RecordCounts(records_in=1, canonical=1)
    fits = pb.WorkOutcome(normalize=pb.NormalizeOutcome(counts=counts))
    host = await start_host("coordinator", limits__work_outcome_bytes_max=fits.ByteSize())
    with scoped(SERVICE):
        clients = host.clients("test")
        await enqueue(clients, wanted("a"))
        one = await drone(clients)
        [held] = await lease(clients, one)
        with pytest.raises(RemoteError) as refused:
            await complete(clients, one, held, rows=1_000)
        assert refused.value.remote_reason == "INVALID_REQUEST"
        assert (await complete(clients, one, held, rows=1)).state == pb.WORK_STATE_COMPLETED
