"""A drone: registers, sends heartbeats, leases up to its number of slots, executes tasks and reports outcomes.

It runs within a host, or alone in a process. It stores nothing: when it is killed at any point, its leases go to another drone.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, Histogram

from chartly.platform.background import Background
from chartly.platform.clock import SystemClock
from chartly.platform.config import Config
from chartly.platform.errors import ChartlyError, RemoteError
from chartly.platform.failpoints import reached
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.identity.tokens import InternalTokens, internal_key
from chartly.platform.retry import is_transient, retrying
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
# Longest pause while the coordinator is away.
_PAUSE_S_MAX = 2.0
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
        self._leasing, self._beating = Background(self._logger), Background(self._logger)
        self._seconds = _histogram(metrics) if metrics is not None else None

    @property
    def registered(self) -> bool:
        """Whether the coordinator knows this drone."""
        return self._registered.is_set()

    async def start(self) -> None:
        """Start; the drone registers as soon as the coordinator responds."""
        self._leasing.start(f"{self.name}-lease", self._register_and_lease)
        self._beating.start(f"{self.name}-heartbeat", self._wait_and_beat)

    async def stop(self) -> None:
        """Drain: lease nothing more, wait for current tasks within the grace period, and fail the others as retriable."""
        self._draining = True
        await self._leasing.stop()
        with suppress(ChartlyError):
            await self._beat()
        if self._working:
            await asyncio.wait([task for _, task in self._working.values()], timeout=self._config.limits.drain_s)
        for held, task in list(self._working.values()):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            with suppress(ChartlyError):
                await self._fail(held, FailureReport("SERVICE_UNAVAILABLE", "The drone was stopped.", final=False))
        await self._beating.stop()
        await self._channels.close()

    async def _register_and_lease(self) -> None:
        """Register if the coordinator doesn't know this drone, then lease once."""
        try:
            if not self.drone_id:
                await self._register()
            await self._lease()
        except RemoteError as refused:
            if refused.remote_reason == "DRONE_UNKNOWN":
                self._forgotten()
            raise

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

    async def _wait_and_beat(self) -> None:
        """Send one heartbeat, once the drone is registered and the interval is over."""
        await self._registered.wait()
        await asyncio.sleep(self._interval_s)
        try:
            await self._beat()
        except RemoteError as refused:
            # The next interval is the pause; only a drone that is forgotten has something to do.
            if refused.remote_reason == "DRONE_UNKNOWN":
                self._forgotten()

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
        """Cancel all tasks and register a second time: the coordinator knows neither this drone nor its leases."""
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
        try:
            return await self._until_answered(held, self._coordinator.FailWork, request)
        except RemoteError as refused:
            # The lease ends by itself, and the item is tried once more.
            self._logger.error("failure not reported", work_id=held.item.work_id, problem=refused.remote_message)  # noqa: TRY400 - our logger
            return None

    async def _until_answered(self, held: HeldLease, call: Callable[[Q], Awaitable[A]], request: Q) -> A | None:
        """Call until the coordinator responds. Return None when the lease is lost. Both calls are idempotent, so they may be repeated.

        Raises:
            RemoteError: the request itself is refused.
        """
        failures = 0

        def retries(failure: Exception) -> bool:
            nonlocal failures
            failures += 1
            return is_transient(failure) and (not self._draining or failures <= _REPORTS_MAX)

        try:
            async for attempt in retrying(wait_s_max=_PAUSE_S_MAX, retries=retries):
                with attempt:
                    return await call(request)
        except RemoteError as refused:
            if refused.is_final and refused.remote_reason not in _GONE:
                raise
            self._logger.info("lease was lost", lease_id=held.lease.lease_id, reason=refused.remote_reason)
        return None

    async def _report(self, held: HeldLease, outcome: str, began: float, **facts: Any) -> None:
        took_s = time.monotonic() - began
        took_ms = int(took_s * 1000)
        if self._seconds is not None:
            self._seconds.labels(tasks.kind_of(held.item), outcome).observe(took_s)
        result = tasks.report(held.item, self.drone_id, outcome, took_ms, **facts)
        try:
            async for attempt in retrying(attempts=_REPORTS_MAX):
                with attempt:
                    await self._clients(held).aggregator.PostResult(aggregator_pb2.PostResultRequest(result=result))
        except RemoteError as refused:
            self._logger.warning("result not reported", work_id=held.item.work_id, problem=refused.remote_message)

    def _clients(self, held: HeldLease) -> LeaseClients:
        return LeaseClients(self._config, self._channels, self._tokens, held)


def _histogram(registry: CollectorRegistry) -> Histogram:
    return Histogram("chartly_drone_work_seconds", "Time of finished work, by kind and outcome.", ("kind", "outcome"), registry=registry)
