"""Coordinator RPCs: decode, run a command on the engine, encode. Long polls wait here."""

import time
from collections import Counter

from chartly.platform.config import Limits
from chartly.platform.identity.scope import SERVICE_ROLE, Scope, current_scope
from chartly.platform.identity.tokens import HEADER
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.platform.notification import wait_for
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.clients import Clients
from chartly.platform.rpc.paging import page_position, page_size, page_token
from chartly.platform.timestamps import timestamp
from chartly.v1 import coordinator_pb2 as pb
from chartly.v1 import coordinator_pb2_grpc

from . import codec
from .domain.batch import Batch
from .domain.model import AttemptFailure, WorkItem, WorkState
from .engine import Command, QueueEngine
from .store import work as store

_MESSAGE_CHARACTERS_MAX = 1_000
_SOURCES_SHOWN_MAX = 100
_DRONES_BY_NAME = "drones/name"
# While ready items are left to their owners on the ring, a waiting drone tries again after this time: an owner may have died.
_POLL_S = 0.25
# Ten heartbeats a lease: nine may be lost, and a drone learns of a cancelled item within a tenth of a lease.
_HEARTBEATS_A_LEASE = 10


class CoordinatorHandlers(coordinator_pb2_grpc.CoordinatorServiceServicer):
    """Serves the queue. ``_asking`` is used from the event loop alone."""

    def __init__(self, engine: QueueEngine, metadata: Metadata, clients: Clients, limits: Limits) -> None:
        self._engine = engine
        self._metadata = metadata
        self._clients = clients
        self._limits = limits
        self._asking: Counter[str] = Counter()
        self._draining = False

    def drain(self) -> None:
        """End long polls now."""
        self._draining = True
        self._engine.work.notify()
        self._engine.ends.notify()

    async def EnqueueWork(self, request: pb.EnqueueWorkRequest, context: Context) -> pb.EnqueueWorkResponse:
        """Queue items for the caller's project."""
        scope = current_scope()
        principal = scope.on_behalf_of or scope.principal
        wanted = [codec.item_of(item, scope.tenant, scope.project, principal, self._limits.work_attempts_max) for item in request.items]
        known = await self._engine.do(lambda batch: batch.enqueue(wanted))
        return pb.EnqueueWorkResponse(items=[codec.item(item, task=False) for item in known])

    async def ListFinishedWork(self, request: pb.ListFinishedWorkRequest, context: Context) -> pb.ListFinishedWorkResponse:
        """Return items that ended, or wait for the first."""
        size = page_size(request.page_size)
        ends = time.monotonic() + request.wait_ms / 1000
        while True:
            notified = self._engine.ends.next
            self._engine.check()
            if self._engine.finished > request.after_sequence:
                found = await self._metadata.read(store.finished_after, request.after_sequence, size)
                if found:
                    return pb.ListFinishedWorkResponse(items=[codec.item(item) for item in found])
            left_s = ends - time.monotonic()
            if left_s <= 0 or self._draining:
                return pb.ListFinishedWorkResponse()
            await wait_for(notified, left_s)

    async def CancelWork(self, request: pb.CancelWorkRequest, context: Context) -> pb.CancelWorkResponse:
        """Cancel a run's open items."""
        scope = current_scope()

        def belongs(item: WorkItem) -> bool:
            return item.run_id == request.run_id and (item.tenant, item.project) == (scope.tenant, scope.project)

        ended = await self._engine.do(lambda batch: batch.cancel(belongs))
        revoked = sum(item.state is WorkState.LEASED for item in ended)
        return pb.CancelWorkResponse(dropped=len(ended) - revoked, revoked=revoked)

    async def ForgetFailedWork(self, request: pb.ForgetFailedWorkRequest, context: Context) -> pb.ForgetFailedWorkResponse:
        """Delete failed items. The engine's memory has no ended item, so the database alone is changed."""
        scope = current_scope()
        keys = list(request.work_keys)
        forgotten = await write_with_retries(
            self._metadata, lambda connection: store.delete_failed(connection, scope.tenant, scope.project, keys)
        )
        return pb.ForgetFailedWorkResponse(forgotten=forgotten)

    async def RegisterDrone(self, request: pb.RegisterDroneRequest, context: Context) -> pb.RegisterDroneResponse:
        """Register a drone."""
        known = await self._engine.do(lambda batch: batch.register(request.name, frozenset(request.kinds)))
        interval_ms = self._limits.lease_s * 1000 // _HEARTBEATS_A_LEASE
        return pb.RegisterDroneResponse(drone=codec.drone(known, "active", 0), heartbeat_interval_ms=interval_ms)

    async def HeartbeatDrone(self, request: pb.HeartbeatDroneRequest, context: Context) -> pb.HeartbeatDroneResponse:
        """Prolong a drone's leases, and return those that it has lost."""

        def heartbeat(batch: Batch) -> tuple[list[str], dict[str, WorkItem]]:
            lost = batch.heartbeat(request.drone_id, request.lease_ids, draining=request.draining)
            return lost, {item.lease_id: item for item in batch.queue.items_of(request.drone_id)}

        lost, held = await self._engine.do(heartbeat)
        kept = [held[lease_id] for lease_id in request.lease_ids if lease_id in held]
        return pb.HeartbeatDroneResponse(lost_lease_ids=lost, tokens={item.lease_id: self._token(item) for item in kept})

    async def LeaseWork(self, request: pb.LeaseWorkRequest, context: Context) -> pb.LeaseWorkResponse:
        """Lease ready items, or wait for the first."""
        count = request.max_items or 1
        self._asking[request.drone_id] += 1
        try:
            leased = await self._lease(request.drone_id, count, time.monotonic() + request.wait_ms / 1000)
        finally:
            self._asking[request.drone_id] -= 1
            self._asking += Counter()
            if self._engine.ready:
                self._engine.work.notify()
        return pb.LeaseWorkResponse(leases=[self._lease_message(item) for item in leased])

    async def _lease(self, drone_id: str, count: int, ends: float) -> list[WorkItem]:
        first = True
        while True:
            notified = self._engine.work.next
            self._engine.check()
            if first or self._engine.ready:
                # The first time in any case: an unknown drone must get its error at once.
                leased = await self._engine.do(lambda batch: batch.lease(drone_id, count, frozenset(self._asking)), _give_back)
                if leased:
                    return leased
            first = False
            left_s = ends - time.monotonic()
            if left_s <= 0 or self._draining:
                return []
            await wait_for(notified, min(left_s, _POLL_S) if self._engine.ready else left_s)

    async def CompleteWork(self, request: pb.CompleteWorkRequest, context: Context) -> pb.CompleteWorkResponse:
        """End an item as completed."""
        kind, outcome = codec.outcome_kind(request.outcome), request.outcome.SerializeToString()
        ended = await self._engine.do(lambda batch: batch.complete(request.drone_id, request.work_id, request.lease_id, kind, outcome))
        return pb.CompleteWorkResponse(item=codec.item(ended, task=False))

    async def FailWork(self, request: pb.FailWorkRequest, context: Context) -> pb.FailWorkResponse:
        """End an attempt as failed."""
        failure = AttemptFailure(request.reason, request.message[:_MESSAGE_CHARACTERS_MAX], request.final, request.retry_after_ms)
        known = await self._engine.do(lambda batch: batch.fail(request.drone_id, request.work_id, request.lease_id, failure))
        return pb.FailWorkResponse(item=codec.item(known, task=False))

    async def ListDrones(self, request: pb.ListDronesRequest, context: Context) -> pb.ListDronesResponse:
        """List drones by name."""
        size = page_size(request.page_size)
        after = page_position(_DRONES_BY_NAME, request.page_token, 1)

        def look(batch: Batch) -> list[pb.Drone]:
            found = [drone for drone in batch.fleet if after is None or drone.name > str(after[0])][: size + 1]
            return [codec.drone(drone, batch.fleet.status(drone, batch.now_ms), batch.queue.held_by(drone.drone_id)) for drone in found]

        drones = await self._engine.do(look)
        token = page_token(_DRONES_BY_NAME, drones[size - 1].name) if len(drones) > size else ""
        return pb.ListDronesResponse(drones=drones[:size], next_page_token=token)

    async def GetQueueStats(self, request: pb.GetQueueStatsRequest, context: Context) -> pb.GetQueueStatsResponse:
        """Return the depth of the caller's part of the queue."""
        scope = current_scope()
        stats = await self._engine.do(lambda batch: self._stats(batch, scope))
        stats.dead_letters = await self._metadata.read(store.dead_letters, scope.tenant, scope.project)
        return stats

    def _stats(self, batch: Batch, scope: Scope) -> pb.GetQueueStatsResponse:
        mine = [item for item in batch.queue.open_items() if item.tenant == scope.tenant]
        oldest_ms = min((item.enqueued_at_ms for item in mine), default=batch.now_ms)
        deepest = batch.queue.depths.deepest(scope.tenant, scope.project, _SOURCES_SHOWN_MAX)
        return pb.GetQueueStatsResponse(
            queued_items=len(mine),
            queued_bytes=sum(item.data_bytes for item in mine),
            queued_items_max=self._limits.queue_items_max,
            queued_bytes_max=self._limits.queue_tenant_data_bytes_max,
            leased_items=sum(item.state is WorkState.LEASED for item in mine),
            oldest_age_ms=max(batch.now_ms - oldest_ms, 0),
            drones_active=len(batch.fleet.active(batch.now_ms)),
            sources=[codec.depth(source_id, depth) for source_id, depth in deepest],
        )

    def _lease_message(self, item: WorkItem) -> pb.Lease:
        return pb.Lease(item=codec.item(item), lease_id=item.lease_id, expires_at=timestamp(item.expires_at_ms), token=self._token(item))

    def _token(self, item: WorkItem) -> str:
        """Sign the item's project into a token with which its drone calls other services."""
        scope = Scope("service:drone", item.tenant, item.project, frozenset({SERVICE_ROLE}), on_behalf_of=item.principal)
        return dict(self._clients.acting(scope).metadata_for(None))[HEADER]


def _give_back(leased: list[WorkItem]) -> Command[None]:
    """Return the command that undoes a lease, for a caller that was cancelled before it got its leases."""
    return lambda batch: batch.give_back(leased)
