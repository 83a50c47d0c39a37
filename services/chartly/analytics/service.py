"""Builds analytics."""

import grpc.aio

from chartly.platform.paths import spill_folder
from chartly.platform.service import Service, ServiceContext
from chartly.v1.analytics_pb2_grpc import add_AnalyticsServiceServicer_to_server

from .handlers import AnalyticsHandlers
from .worker.workers import Workers


class Analytics:
    """The service and its workers."""

    name = "analytics"

    def __init__(self, context: ServiceContext) -> None:
        self._workers = Workers(context.config.limits, context.logger, spill_folder(context.config))
        self._handlers = AnalyticsHandlers(context.clients, self._workers, context.clock, context.config.limits)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers to the process's server."""
        add_AnalyticsServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Start nothing: workers start with the first query."""

    async def stop(self) -> None:
        """End the workers."""
        await self._workers.close()


def build(context: ServiceContext) -> Service:
    """Build the service; opens nothing."""
    return Analytics(context)
