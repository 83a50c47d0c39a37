"""The coordinator over the wire: decode, let the engine do it, encode. Long polls wait here; nothing is decided here."""

import time
from collections import Counter

from chartly.platform.config import Limits
from chartly.platform.errors import Violations
from chartly.platform.identity.scope import SERVICE_ROLE, Scope, current_scope
from chartly.platform.identity.tokens import HEADER
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_again
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
from .engine import Engine
from .store import work as store

# A long poll's longest wait; below the deadline that a unary call has by default.
_WAIT_MS_MAX = 30_000
_ITEMS_A_CALL_MAX = 1_000
_LEASES_A_CALL_MAX = 100
_KEY_CHARACTERS_MAX = 200
_NAME_CHARACTERS_MAX = 100
_MESSAGE_CHARACTERS_MAX = 1_000
_SOURCES_SHOWN_MAX = 100
_DRONES_BY_NAME = "drones/name"
# While items are ready that the asker leaves to their owners, it looks again after this: an owner may vanish without a word.
_LOOK_AGAIN_S = 0.25
# Ten heartbeats a lease: nine may be lost, and a cancelled item's drone hears of it within a tenth of a lease.
_HEARTBEATS_A_LEASE = 10


class CoordinatorHandlers(coordinator_pb2_grpc.CoordinatorServiceServicer):
    """Serves the queue. ``_asking`` is used from the event loop alone."""

    def __init__(self, engine: Engine, metadata: Metadata, clients: Clients, limits: Limits) -> None:
        self._engine = engine
        self._metadata = metadata
        self._clients = clients
        self._limits = limits
        self._asking: Counter[str] = Counter()
        self._draining = False

    def drain(self) -> None:
        """Let long polls answer now."""
        self._draining = True
        self._engine.work.beat()
        self._engine.ends.beat()

    async def EnqueueWork(self, request: pb.EnqueueWorkRequest, context: Context) -> pb.EnqueueWorkResponse:
        """Queue items for the caller's project."""
        scope = current_scope()
        self._check_items(request)
        principal = scope.on_behalf_of or scope.principal
        wanted = [codec.item_of(item, scope.tenant, scope.project, principal, self._limits.work_attempts_max) for item in request.items]
        known = await self._engine.do(lambda batch: batch.enqueue(wanted))
        return pb.EnqueueWorkResponse(items=[codec.item(item, task=False) for item in known])

    async def ListFinishedWork(self, request: pb.ListFinishedWorkRequest, context: Context) -> pb.ListFinishedWorkResponse:
        """Answer with what ended since, or wait for it."""
        size = page_size(request.page_size, self._limits)
        ends = time.monotonic() + _wait_ms(request.wait_ms) / 1000
        while True:
            beat = self._engine.ends.next
            if self._engine.finished > request.after_sequence:
                found = await self._metadata.read(store.finished_after, request.after_sequence, size)
                if found:
                    return pb.ListFinishedWorkResponse(items=[codec.item(item) for item in found])
            left_s = ends - time.monotonic()
            if left_s <= 0 or self._draining:
                return pb.ListFinishedWorkResponse()
            await wait_for(beat, left_s)

    async def CancelWork(self, request: pb.CancelWorkRequest, context: Context) -> pb.CancelWorkResponse:
        """End a run's open items."""
        scope = current_scope()
        wrong = Violations()
        wrong.require("run_id", present=request.run_id)
        wrong.raise_if_any()

        def belongs(item: WorkItem) -> bool:
            return item.run_id == request.run_id and (item.tenant, item.project) == (scope.tenant, scope.project)

        ended = await self._engine.do(lambda batch: batch.cancel(belongs))
        revoked = sum(item.state is WorkState.LEASED for item in ended)
        return pb.CancelWorkResponse(dropped=len(ended) - revoked, revoked=revoked)

    async def ForgetFailedWork(self, request: pb.ForgetFailedWorkRequest, context: Context) -> pb.ForgetFailedWorkResponse:
        """Delete failed items that nobody waits for; the engine's memory holds none that ended."""
        scope = current_scope()
        wrong = Violations()
        if not 1 <= len(request.work_keys) <= _ITEMS_A_CALL_MAX:
            wrong.add("work_keys", f"must be 1 to {_ITEMS_A_CALL_MAX}")
        wrong.raise_if_any()
        keys = list(request.work_keys)
        forgotten = await write_again(self._metadata, lambda connection: store.forget_failed(connection, scope.tenant, scope.project, keys))
        return pb.ForgetFailedWorkResponse(forgotten=forgotten)

    async def RegisterDrone(self, request: pb.RegisterDroneRequest, context: Context) -> pb.RegisterDroneResponse:
        """Make a drone known."""
        wrong = Violations()
        if not 1 <= len(request.name) <= _NAME_CHARACTERS_MAX:
            wrong.add("name", f"must have 1 to {_NAME_CHARACTERS_MAX} characters")
        wrong.raise_if_any()
        known = await self._engine.do(lambda batch: batch.register(request.name, frozenset(request.kinds)))
        interval_ms = self._limits.lease_s * 1000 // _HEARTBEATS_A_LEASE
        return pb.RegisterDroneResponse(drone=codec.drone(known, "active", 0), heartbeat_interval_ms=interval_ms)

    async def HeartbeatDrone(self, request: pb.HeartbeatDroneRequest, context: Context) -> pb.HeartbeatDroneResponse:
        """Prolong a drone's leases, and name those that it should let go."""

        def heartbeat(batch: Batch) -> tuple[list[str], dict[str, WorkItem]]:
            lost = batch.heartbeat(request.drone_id, request.lease_ids, draining=request.draining)
            return lost, {item.lease_id: item for item in batch.queue.items_of(request.drone_id)}

        lost, held = await self._engine.do(heartbeat)
        kept = [held[lease_id] for lease_id in request.lease_ids if lease_id in held]
        return pb.HeartbeatDroneResponse(lost_lease_ids=lost, tokens={item.lease_id: self._token(item) for item in kept})

    async def LeaseWork(self, request: pb.LeaseWorkRequest, context: Context) -> pb.LeaseWorkResponse:
        """Lease what is ready, or wait for it."""
        count = request.max_items or 1
        wrong = Violations()
        if not 1 <= count <= _LEASES_A_CALL_MAX:
            wrong.add("max_items", f"must be from 0 to {_LEASES_A_CALL_MAX}")
        wrong.raise_if_any()
        self._asking[request.drone_id] += 1
        try:
            leased = await self._lease(request.drone_id, count, time.monotonic() + _wait_ms(request.wait_ms) / 1000)
        finally:
            self._asking[request.drone_id] -= 1
            self._asking += Counter()
            if self._engine.ready:
                self._engine.work.beat()
        return pb.LeaseWorkResponse(leases=[self._lease_message(item) for item in leased])

    async def _lease(self, drone_id: str, count: int, ends: float) -> list[WorkItem]:
        first = True
        while True:
            beat = self._engine.work.next
            if first or self._engine.ready:
                # The first time in any case: an unknown drone must hear so at once.
                leased = await self._engine.do(lambda batch: batch.lease(drone_id, count, frozenset(self._asking)))
                if leased:
                    return leased
            first = False
            left_s = ends - time.monotonic()
            if left_s <= 0 or self._draining:
                return []
            await wait_for(beat, min(left_s, _LOOK_AGAIN_S) if self._engine.ready else left_s)

    async def CompleteWork(self, request: pb.CompleteWorkRequest, context: Context) -> pb.CompleteWorkResponse:
        """End an item well."""
        wrong = _lease_named(request)
        kind, outcome = codec.outcome_kind(request.outcome), request.outcome.SerializeToString()
        wrong.require("outcome", present=kind)
        if len(outcome) > self._limits.work_outcome_bytes_max:
            wrong.add("outcome", f"must have at most {self._limits.work_outcome_bytes_max} bytes")
        wrong.raise_if_any()
        ended = await self._engine.do(lambda batch: batch.complete(request.drone_id, request.work_id, request.lease_id, kind, outcome))
        return pb.CompleteWorkResponse(item=codec.item(ended, task=False))

    async def FailWork(self, request: pb.FailWorkRequest, context: Context) -> pb.FailWorkResponse:
        """End an attempt badly."""
        wrong = _lease_named(request)
        wrong.require("reason", present=request.reason)
        wrong.raise_if_any()
        failure = AttemptFailure(request.reason, request.message[:_MESSAGE_CHARACTERS_MAX], request.final, request.retry_after_ms)
        known = await self._engine.do(lambda batch: batch.fail(request.drone_id, request.work_id, request.lease_id, failure))
        return pb.FailWorkResponse(item=codec.item(known, task=False))

    async def ListDrones(self, request: pb.ListDronesRequest, context: Context) -> pb.ListDronesResponse:
        """List drones by name."""
        size = page_size(request.page_size, self._limits)
        after = page_position(_DRONES_BY_NAME, request.page_token, 1)

        def look(batch: Batch) -> list[pb.Drone]:
            found = [drone for drone in batch.fleet if after is None or drone.name > str(after[0])][: size + 1]
            return [codec.drone(drone, batch.fleet.status(drone, batch.now_ms), batch.queue.held_by(drone.drone_id)) for drone in found]

        drones = await self._engine.do(look)
        token = page_token(_DRONES_BY_NAME, drones[size - 1].name) if len(drones) > size else ""
        return pb.ListDronesResponse(drones=drones[:size], next_page_token=token)

    async def GetQueueStats(self, request: pb.GetQueueStatsRequest, context: Context) -> pb.GetQueueStatsResponse:
        """Tell how deep the queue is for the caller."""
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

    def _check_items(self, request: pb.EnqueueWorkRequest) -> None:
        wrong = Violations()
        if not 1 <= len(request.items) <= _ITEMS_A_CALL_MAX:
            wrong.add("items", f"must be 1 to {_ITEMS_A_CALL_MAX}")
        for index, item in enumerate(request.items[:_ITEMS_A_CALL_MAX]):
            if not 1 <= len(item.work_key) <= _KEY_CHARACTERS_MAX:
                wrong.add(f"items[{index}].work_key", f"must have 1 to {_KEY_CHARACTERS_MAX} characters")
            wrong.require(f"items[{index}].task", present=codec.task_kind(item.task))
            wrong.require(f"items[{index}].source_id", present=item.source_id)
            if item.task.ByteSize() > self._limits.work_task_bytes_max:
                wrong.add(f"items[{index}].task", f"must have at most {self._limits.work_task_bytes_max} bytes")
            if item.size_bytes < 0:
                wrong.add(f"items[{index}].size_bytes", "must not be negative")
        wrong.raise_if_any()


def _wait_ms(asked_ms: int) -> int:
    wrong = Violations()
    if not 0 <= asked_ms <= _WAIT_MS_MAX:
        wrong.add("wait_ms", f"must be from 0 to {_WAIT_MS_MAX}")
    wrong.raise_if_any()
    return asked_ms


def _lease_named(request: pb.CompleteWorkRequest | pb.FailWorkRequest) -> Violations:
    wrong = Violations()
    wrong.require("work_id", present=request.work_id)
    wrong.require("lease_id", present=request.lease_id)
    return wrong
