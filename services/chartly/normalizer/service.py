"""Wires the normalizer."""

from collections.abc import Mapping

import grpc.aio

from chartly.platform.service import Service, ServiceContext
from chartly.v1.normalizer_pb2_grpc import add_NormalizerServiceServicer_to_server

from .engine import engine_from
from .handlers import NormalizerHandlers


class NormalizerService:
    """The service and its engine."""

    name = "normalizer"

    def __init__(self, context: ServiceContext) -> None:
        self._engine = engine_from(context.config, context.blocking, context.logger)
        self._handlers = NormalizerHandlers(context.clients, context.config, self._engine, context.blocking)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers to the process's server."""
        add_NormalizerServiceServicer_to_server(self._handlers, server)

    def problems(self) -> Mapping[str, str]:
        """Return why no chunk can be normalized at the moment."""
        return {self.name: self._engine.problem}

    async def start(self) -> None:
        """Start the engine."""
        await self._engine.start()

    async def stop(self) -> None:
        """Stop the engine, after open calls have ended."""
        await self._engine.stop()


def build(context: ServiceContext) -> Service:
    """Build the service."""
    return NormalizerService(context)
