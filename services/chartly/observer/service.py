"""Builds the observer."""

import grpc.aio

from chartly.platform.background import Background
from chartly.platform.service import Service, ServiceContext
from chartly.v1 import observer_pb2_grpc

from .checks import Checks
from .handlers import ObserverHandlers


class ObserverService:
    """The handlers, and the checks that run by themselves."""

    name = "observer"

    def __init__(self, context: ServiceContext) -> None:
        self._checks = Checks(context)
        self._handlers = ObserverHandlers(context, self._checks)
        self._is_periodic = context.config.observer.check_every_s > 0
        self._background = Background(context.logger)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers to the process's server."""
        observer_pb2_grpc.add_ObserverServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Open nothing: the service has no store."""

    async def begin(self) -> None:
        """Start the periodic checks, where the configuration has them."""
        if self._is_periodic:
            self._background.start("consistency-checks", self._checks.wait_and_check_all)

    async def stop(self) -> None:
        """Stop the periodic checks; one that is under way is cancelled."""
        await self._background.stop()


def build(context: ServiceContext) -> Service:
    """Build the service; it opens nothing."""
    return ObserverService(context)
