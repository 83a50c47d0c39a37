"""Wires the aggregator."""

import grpc.aio

from chartly.platform.service import Service, ServiceContext
from chartly.v1 import aggregator_pb2_grpc

from .handlers import AggregatorHandlers


class AggregatorService:
    """The aggregator, built but not started. It has no background tasks."""

    name = "aggregator"

    def __init__(self, context: ServiceContext) -> None:
        self._handlers = AggregatorHandlers(context.metadata, context.clients, context.clock)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers."""
        aggregator_pb2_grpc.add_AggregatorServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Open nothing: the metadata database is the host's."""

    async def stop(self) -> None:
        """Close nothing."""


def build(context: ServiceContext) -> Service:
    """Build the service; opens nothing."""
    return AggregatorService(context)
