"""Builds the connector hub from what its process gives it."""

import grpc.aio

from chartly.platform.secrets import SecretStore
from chartly.platform.service import Service, ServiceContext
from chartly.v1.connector_hub_pb2_grpc import add_ConnectorHubServiceServicer_to_server

from .handlers import ConnectorHubHandlers
from .meter import HubMeter
from .store import SourceStore, SyncStore
from .sync import Syncs


class ConnectorHub:
    """The service; it has no background work of its own."""

    name = "connector_hub"

    def __init__(self, context: ServiceContext) -> None:
        sources = SourceStore(context.metadata)
        syncs = Syncs(
            context.clients,
            context.clock,
            context.blocking,
            SecretStore(context.config),
            sources,
            SyncStore(context.metadata),
            HubMeter(context.metrics),
            context.logger,
            private_allowed=context.config.connector_hub.egress_private_allowed,
            pages_max=context.config.limits.sync_pages_max,
        )
        self._handlers = ConnectorHubHandlers(context.clients, context.clock, context.config.limits, sources, syncs)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers to the process's server."""
        add_ConnectorHubServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Nothing to open: stores are the metadata database's."""

    async def stop(self) -> None:
        """Nothing to close: each sync closes its own connections."""


def build(context: ServiceContext) -> Service:
    """Build the service."""
    return ConnectorHub(context)
