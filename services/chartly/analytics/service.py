"""Builds analytics."""

import grpc.aio

from chartly.platform.outbox import OutboxDelivery, outbox_metrics
from chartly.platform.paths import spill_folder
from chartly.platform.service import Service, ServiceContext
from chartly.v1.analytics_pb2_grpc import add_AnalyticsServiceServicer_to_server

from .handlers import AnalyticsHandlers
from .ledger import OUTBOX, QueryLog
from .worker.workers import Workers


class Analytics:
    """The service and its workers."""

    name = "analytics"

    def __init__(self, context: ServiceContext) -> None:
        self._workers = Workers(context.config.limits, context.logger, spill_folder(context.config))
        limits, metadata, clients = context.config.limits, context.metadata, context.clients
        self._outbox = OutboxDelivery(self.name, OUTBOX, metadata, clients, context.logger, outbox_metrics(context.metrics))
        query_log = QueryLog(metadata, limits, self._outbox.notify)
        self._handlers = AnalyticsHandlers(clients, self._workers, context.clock, limits, query_log)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers to the process's server."""
        add_AnalyticsServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Start nothing: workers start with the first query."""

    async def begin(self) -> None:
        """Deliver events to the ledger, beginning with those that a former process left."""
        self._outbox.start()

    async def stop(self) -> None:
        """End the delivery and the workers."""
        await self._outbox.stop()
        await self._workers.close()


def build(context: ServiceContext) -> Service:
    """Build the service; opens nothing."""
    return Analytics(context)
