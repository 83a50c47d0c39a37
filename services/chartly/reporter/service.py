"""Builds the reporter."""

import grpc.aio

from chartly.contracts import ContractStore
from chartly.platform.outbox import OutboxDelivery, outbox_metrics
from chartly.platform.service import Service, ServiceContext
from chartly.v1.reporter_pb2_grpc import add_ReporterServiceServicer_to_server

from .handlers import ReporterHandlers
from .report_maker import ReportMaker
from .store import ReportStore, outbox


class Reporter:
    """The service; its background work is the delivery of ledger events."""

    name = "reporter"

    def __init__(self, context: ServiceContext) -> None:
        limits, metadata = context.config.limits, context.metadata
        self._outbox = OutboxDelivery(self.name, outbox, metadata, context.clients, context.logger, outbox_metrics(context.metrics))
        reports = ReportStore(metadata, limits, self._outbox.notify)
        maker = ReportMaker(context.clients, reports, ContractStore.packaged(), limits.report_inputs_max)
        self._handlers = ReporterHandlers(maker, reports, context.clients, context.clock)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers to the process's server."""
        add_ReporterServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Open nothing: reports are in the metadata database, files in storage."""

    async def begin(self) -> None:
        """Deliver events to the ledger, beginning with those that a former process left."""
        self._outbox.start()

    async def stop(self) -> None:
        """End the delivery."""
        await self._outbox.stop()


def build(context: ServiceContext) -> Service:
    """Build the service."""
    return Reporter(context)
