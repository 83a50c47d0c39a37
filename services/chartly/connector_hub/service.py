"""Builds the connector hub from its process's context."""

import grpc.aio

from chartly.platform.background import Background
from chartly.platform.secrets import SecretStore
from chartly.platform.service import Service, ServiceContext
from chartly.v1.connector_hub_pb2_grpc import add_ConnectorHubServiceServicer_to_server

from .handlers import ConnectorHubHandlers
from .metrics import HubMetrics
from .push.inbox import Inbox
from .push.ingest import PushIngest
from .push.notifier import Notifier
from .store import SourceStore, SyncStore
from .sync.page_outcomes import PageOutcomes
from .sync.syncs import Syncs
from .upstream.access import UpstreamAccess


class ConnectorHubService:
    """The service."""

    name = "connector_hub"

    def __init__(self, context: ServiceContext) -> None:
        sources, cursors = SourceStore(context.metadata), SyncStore(context.metadata)
        metrics, limits = HubMetrics(context.metrics), context.config.limits
        syncs = Syncs(
            clients=context.clients,
            blocking=context.blocking,
            secrets=SecretStore(context.config),
            sources=sources,
            cursors=cursors,
            access=UpstreamAccess(context.clock, context.config.connector_hub.egress_private_allowed, limits.upstream_concurrency_max),
            outcomes=PageOutcomes(sources, metrics, context.clock, context.logger),
            limits=limits,
            logger=context.logger,
        )
        self.pushes = PushIngest(context.clients, context.clock, context.blocking, context.metadata, sources, metrics, limits)
        self._notifier = Notifier(context.clients, context.clock, context.metadata, limits.inbox_notify_again_s, context.logger)
        self.pushes.landed = self._notifier.landed
        self.inbox = Inbox(context.clients, context.clock, context.metadata, limits, self.pushes.committed, context.logger)
        self._handlers = ConnectorHubHandlers(
            clients=context.clients,
            clock=context.clock,
            limits=limits,
            metadata=context.metadata,
            sources=sources,
            cursors=cursors,
            syncs=syncs,
            pushes=self.pushes,
            inbox=self.inbox,
        )
        self._background = Background(context.logger)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers to the process's server."""
        add_ConnectorHubServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Open nothing: all stores are in the metadata database."""

    async def begin(self) -> None:
        """Start the background work of the inbox."""
        self._background.start("inbox-ends", self.inbox.follow_ends)
        self._background.start("inbox-notify-landed", self._notifier.notify_landed)
        self._background.start("inbox-notify-waiting", self._notifier.notify_waiting)
        self._background.start("inbox-look-after", self.inbox.clean_up)

    async def stop(self) -> None:
        """Stop the background work; each sync closes its own connections."""
        await self._background.stop()


def build(context: ServiceContext) -> Service:
    """Build the service."""
    return ConnectorHubService(context)
