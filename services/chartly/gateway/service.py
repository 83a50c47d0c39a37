"""Wires the gateway service. Envoy itself is started by the edge (``gateway/edge``), on the same machine."""

import grpc.aio

from chartly.platform.service import Service, ServiceContext
from chartly.v1 import gateway_pb2_grpc

from .handlers import GatewayHandlers


class GatewayService:
    """Health, readiness and status, built but not started."""

    name = "gateway"

    def __init__(self, context: ServiceContext) -> None:
        self._handlers = GatewayHandlers(context)

    def register(self, server: grpc.aio.Server) -> None:
        """Serve GatewayService."""
        gateway_pb2_grpc.add_GatewayServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        """Nothing to close."""


def build(context: ServiceContext) -> Service:
    """Build the service; opens nothing."""
    return GatewayService(context)
