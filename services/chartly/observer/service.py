"""Wires the observer."""

import grpc.aio

from chartly.platform.service import Service, ServiceContext
from chartly.v1 import observer_pb2_grpc

from .handlers import ObserverHandlers


class ObserverService:
    """The observer, built but not started. It looks when it is asked, and sleeps otherwise."""

    name = "observer"

    def __init__(self, context: ServiceContext) -> None:
        self._handlers = ObserverHandlers(context)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers."""
        observer_pb2_grpc.add_ObserverServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Open nothing: it keeps nothing."""

    async def stop(self) -> None:
        """Close nothing."""


def build(context: ServiceContext) -> Service:
    """Build the service; opens nothing."""
    return ObserverService(context)
