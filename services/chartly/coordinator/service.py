"""Builds the coordinator."""

import grpc.aio

from chartly.platform.config import Limits
from chartly.platform.service import Service, ServiceContext
from chartly.v1 import coordinator_pb2_grpc

from .domain.backoff import Backoff, Backoffs
from .domain.depth import QueueBounds
from .domain.fleet import FleetRules
from .domain.queue import QueueRules
from .engine import QueueEngine
from .handlers import CoordinatorHandlers
from .metrics import watch


class CoordinatorService:
    """The coordinator, built but not started."""

    name = "coordinator"

    def __init__(self, context: ServiceContext) -> None:
        limits = context.config.limits
        self._engine = QueueEngine(
            context.metadata,
            context.clock,
            context.logger,
            queue_rules(limits),
            fleet_rules(limits),
            limits.work_retention_s * 1000,
        )
        self._handlers = CoordinatorHandlers(self._engine, context.metadata, context.clients, limits)
        watch(self._engine, context.metrics)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers."""
        coordinator_pb2_grpc.add_CoordinatorServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Become the owner of the queue."""
        await self._engine.start()

    def problems(self) -> dict[str, str]:
        """Return why the queue is not served, and why nothing would work on it."""
        refusal = self._engine.refusal
        if refusal is not None:
            return {self.name: refusal.message, "drones": ""}
        return {self.name: "", "drones": "" if self._engine.has_drones else "No drone works: start one with `chartly drone`."}

    def drain(self) -> None:
        """End long polls."""
        self._handlers.drain()

    async def stop(self) -> None:
        """Stop after the current transaction."""
        await self._engine.stop()


def queue_rules(limits: Limits) -> QueueRules:
    """Return the queue's rules from the configured limits."""
    bounds = QueueBounds(
        items_all=limits.queue_all_items_max,
        items_tenant=limits.queue_items_max,
        items_source=limits.queue_source_items_max,
        task_bytes_all=limits.queue_bytes_max,
        data_bytes_all=limits.queue_data_bytes_max,
        data_bytes_tenant=limits.queue_tenant_data_bytes_max,
        data_bytes_source=limits.queue_source_data_bytes_max,
    )
    return QueueRules(
        bounds=bounds,
        lease_ms=limits.lease_s * 1000,
        leases_max=limits.drone_leases_max,
        losses_max=limits.work_losses_max,
        age_max_ms=limits.run_s_max * 1000,
        backoffs=backoffs(limits),
    )


def fleet_rules(limits: Limits) -> FleetRules:
    """Return the fleet's rules from the configured limits."""
    return FleetRules(drones_max=limits.drones_max, silent_ms=limits.lease_s * 1000, forgotten_ms=limits.drone_forgotten_s * 1000)


def backoffs(limits: Limits) -> Backoffs:
    """Return the waits between attempts from the configured limits."""
    others_ms_max = limits.retry_upstream_ms_max
    return Backoffs(
        default=Backoff(limits.retry_ms, limits.retry_ms_max),
        by_reason={
            "UPSTREAM_UNAVAILABLE": Backoff(limits.retry_upstream_ms, others_ms_max),
            "CIRCUIT_OPEN": Backoff(limits.retry_circuit_open_ms, others_ms_max),
            "QUOTA_EXCEEDED": Backoff(limits.retry_quota_ms, others_ms_max),
            "SERVICE_UNAVAILABLE": Backoff(limits.retry_service_ms, limits.retry_service_ms_max),
            "QUEUE_FULL": Backoff(limits.retry_queue_full_ms, limits.retry_queue_full_ms_max),
        },
        asked_ms_max=limits.retry_asked_ms_max,
    )


def build(context: ServiceContext) -> Service:
    """Build the service; opens nothing."""
    return CoordinatorService(context)
