"""A drone: registers, sends heartbeats, leases up to its number of slots, executes tasks and reports outcomes.

It runs within a host, or alone in a process. It stores nothing: when it is killed at any point, its leases go to another drone.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, Histogram

from chartly.platform.clock import SystemClock
from chartly.platform.config import Config
from chartly.platform.errors import ChartlyError, RemoteError
from chartly.platform.failpoints import reached
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.identity.tokens import InternalTokens, internal_key
from chartly.platform.rpc.clients import Channels, Clients
from chartly.platform.telemetry.log import Logger
from chartly.v1 import aggregator_pb2
from chartly.v1 import coordinator_pb2 as pb

from . import tasks
from .failpoints import DroneFailpoint
from .failure_report import FailureReport, classify
from .lease import HeldLease, LeaseClients

Q = TypeVar("Q")
A = TypeVar("A")

# Tasks mostly wait for other services, and small chunks share a commit. Few slots mean that a dead drone delays few items.
SLOTS_DEFAULT = 8
_WAIT_MS = 20_000
_TIMEOUT_S = 30.0
# Pauses after a refusal or while the coordinator is away.
_PAUSE_S, _PAUSE_S_MAX = 0.05, 2.0
# The aggregator is a view: after this many attempts the work is completed without a report.
_REPORTS_MAX = 3
_GONE = frozenset({"LEASE_LOST", "WORK_UNKNOWN", "DRONE_UNKNOWN"})


class DroneWorker:
    """One worker. Everything is called from one event loop."""

    def __init__(self, config: Config, name: str, slots: int = SLOTS_DEFAULT, metrics: CollectorRegistry | None = None) -> None:
        self.name = name
        self.drone_id = ""
        self._config = config
        self._slots = min(slots, config.limits.drone_leases_max)
        self._tokens = InternalTokens(internal_key(config), SystemClock(), config.limits.internal_token_s)
        self._channels = Channels(config)
        self._coordinator = Clients("drone", config, self._channels, self._tokens, Scope.service("drone")).coordinator
        self._logger = Logger("drone", drone=name)
        self._working: dict[str, tuple[HeldLease, asyncio.Task[None]]] = {}
        self._free = asyncio.Event()
        self._registered = asyncio.Event()
        self._interval_s = 1.0
        self._draining = False
        self._tasks: list[asyncio.Task[None]] = []
        self._seconds = _histogram(metrics) if metrics is not None else None

    @property
    def registered(self) -> bool:
        """Whether the coordinator knows this drone."""
        return self._registered.is_set()

    async def start(self) -> None:
        """Start; the drone registers as soon as the coordinator responds."""
        self._tasks = [
            asyncio.create_task(self._lease_forever(), name=f"{self.name}-lease"),
            asyncio.create_task(self._beat_forever(), name=f"{self.name}-heartbeat"),
        ]

    async def stop(self) -> None:
        """Drain: lease nothing more, wait for current tasks within the grace period, and fail the others as retriable."""
        self._draining = True
        lease, beat = self._tasks
        lease.cancel()
        with suppress(asyncio.CancelledError):
            await lease
        with suppress(ChartlyError):
            await self._beat()
        if self._working:
            await asyncio.wait([task for _, task in self._working.values()], timeout=self._config.limits.drain_s)
        beat.cancel()
        for held, task in list(self._working.values()):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            with suppress(ChartlyError):
                await self._fail(held, FailureReport("SERVICE_UNAVAILABLE", "The drone was stopped.", final=False))
        with suppress(asyncio.CancelledError):
            await beat
        await self._channels.close()

    async def _lease_forever(self) -> None:
        failures = 0
        while True:
            try:
                if not self.drone_id:
                    await self._register()
                await self._lease()
                failures = 0
            except RemoteError as refused:
                if refused.remote_reason == "DRONE_UNKNOWN":
                    self._forgotten()
                failures += 1
                await asyncio.sleep(refused.retry_after_s or min(_PAUSE_S * 2**failures, _PAUSE_S_MAX))

    async def _register(self) -> None:
        answer = await self._coordinator.RegisterDrone(pb.RegisterDroneRequest(name=self.name, kinds=list(tasks.KINDS)))
        self.drone_id = answer.drone.drone_id
        self._interval_s = answer.heartbeat_interval_ms / 1000
        self._registered.set()
        self._logger.info("registered", drone_id=self.drone_id)

    async def _lease(self) -> None:
        while len(self._working) >= self._slots:
            self._free.clear()
            await self._free.wait()
        free = self._slots - len(self._working)
        request = pb.LeaseWorkRequest(drone_id=self.drone_id, max_items=free, wait_ms=_WAIT_MS)
        for lease in (await self._coordinator.LeaseWork(request, timeout=_TIMEOUT_S)).leases:
            held = HeldLease(lease, lease.token)
            task = asyncio.create_task(self._work(held), name=lease.lease_id)
            self._working[lease.lease_id] = (held, task)
            task.add_done_callback(lambda _, lease_id=lease.lease_id: self._done(lease_id))

    def _done(self, lease_id: str) -> None:
        self._working.pop(lease_id, None)
        self._free.set()

    async def _beat_forever(self) -> None:
        await self._registered.wait()
        while True:
            await asyncio.sleep(self._interval_s)
            try:
                await self._beat()
            except RemoteError as refused:
                if refused.remote_reason == "DRONE_UNKNOWN":
                    self._forgotten()
                    await self._registered.wait()

    async def _beat(self) -> None:
        if not self.drone_id:
            return
        request = pb.HeartbeatDroneRequest(drone_id=self.drone_id, lease_ids=list(self._working), draining=self._draining)
        answer = await self._coordinator.HeartbeatDrone(request)
        for lease_id, token in answer.tokens.items():
            if lease_id in self._working:
                self._working[lease_id][0].token = token
        self._stop(answer.lost_lease_ids)

    def _stop(self, lease_ids: Iterable[str]) -> None:
        for lease_id in list(lease_ids):
            if lease_id in self._working:
                self._logger.info("lease ended by the coordinator", lease_id=lease_id)
                self._working[lease_id][1].cancel()

    def _forgotten(self) -> None:
        """Cancel all tasks and register anew: the coordinator knows neither this drone nor its leases."""
        self.drone_id = ""
        self._registered.clear()
        self._stop(list(self._working))

    async def _work(self, held: HeldLease) -> None:
        item = held.item
        scope = Scope.service("drone", item.tenant_id, item.project_id, run_id=item.run_id)
        began = time.monotonic()
        with scoped(scope):
            try:
                done = await tasks.execute(item, self._clients(held))
            except ChartlyError as failure:
                await self._failed(held, classify(failure), began)
            except Exception as fault:  # noqa: BLE001 - a drone must survive every item; the error is logged and counts as a fault of the item
                self._logger.error("work failed unexpectedly", exception=fault, work_id=item.work_id)  # noqa: TRY400 - our logger's error takes it
                await self._failed(held, FailureReport("INTERNAL", "The drone met an unexpected error.", final=False), began)
            else:
                reached(DroneFailpoint.WORK_DONE)
                await self._report(held, "succeeded", began, **done.report)
                reached(DroneFailpoint.RESULT_POSTED)
                await self._complete(held, done)

    async def _complete(self, held: HeldLease, done: tasks.TaskResult) -> None:
        request = pb.CompleteWorkRequest(
            drone_id=self.drone_id, work_id=held.item.work_id, lease_id=held.lease.lease_id, outcome=done.outcome
        )
        try:
            await self._until_answered(held, self._coordinator.CompleteWork, request)
        except RemoteError as refused:
            # Such as an outcome above its bound: every other attempt would be refused too.
            await self._fail(held, FailureReport("INTERNAL", f"The queue refused the outcome: {refused.remote_message}", final=True))

    async def _failed(self, held: HeldLease, report: FailureReport, began: float) -> None:
        self._logger.warning(
            "work failed",
            work_id=held.item.work_id,
            kind=tasks.kind_of(held.item),
            source_id=held.item.source_id,
            reason=report.reason,
            problem=report.message,
            final=report.final,
        )
        answer = await self._fail(held, report)
        if answer is not None and answer.item.state == pb.WORK_STATE_FAILED:
            await self._report(held, "failed", began, reason=report.reason)

    async def _fail(self, held: HeldLease, report: FailureReport) -> "pb.FailWorkResponse | None":
        request = pb.FailWorkRequest(
            drone_id=self.drone_id,
            work_id=held.item.work_id,
            lease_id=held.lease.lease_id,
            reason=report.reason,
            message=report.message[:1000],
            final=report.final,
            retry_after_ms=report.retry_after_ms,
        )
        return await self._until_answered(held, self._coordinator.FailWork, request)

    async def _until_answered(self, held: HeldLease, call: Callable[[Q], Awaitable[A]], request: Q) -> A | None:
        """Call until the coordinator responds. Return None when the lease is lost. Both calls are idempotent, so they may be repeated.

        Raises:
            RemoteError: the request itself is refused.
        """
        failures = 0
        while True:
            try:
                return await call(request)
            except RemoteError as refused:
                if refused.remote_reason in _GONE:
                    self._logger.info("lease was lost", lease_id=held.lease.lease_id)
                    return None
                if refused.is_invalid:
                    raise
                failures += 1
                if self._draining and failures > _REPORTS_MAX:
                    return None
                await asyncio.sleep(min(_PAUSE_S * 2**failures, _PAUSE_S_MAX))

    async def _report(self, held: HeldLease, outcome: str, began: float, **facts: Any) -> None:
        took_s = time.monotonic() - began
        took_ms = int(took_s * 1000)
        if self._seconds is not None:
            self._seconds.labels(tasks.kind_of(held.item), outcome).observe(took_s)
        result = tasks.report(held.item, self.drone_id, outcome, took_ms, **facts)
        for attempt in range(1, _REPORTS_MAX + 1):
            try:
                await self._clients(held).aggregator.PostResult(aggregator_pb2.PostResultRequest(result=result))
            except RemoteError as refused:
                if attempt == _REPORTS_MAX:
                    self._logger.warning("result not reported", work_id=held.item.work_id, problem=refused.remote_message)
                    return
                await asyncio.sleep(_PAUSE_S * 2**attempt)
            else:
                return

    def _clients(self, held: HeldLease) -> LeaseClients:
        return LeaseClients(self._config, self._channels, self._tokens, held)


def _histogram(registry: CollectorRegistry) -> Histogram:
    return Histogram("chartly_drone_work_seconds", "Time of finished work, by kind and outcome.", ("kind", "outcome"), registry=registry)
