"""Builds the reporter."""

import grpc.aio

from chartly.contracts import ContractStore
from chartly.platform.service import Service, ServiceContext
from chartly.v1.reporter_pb2_grpc import add_ReporterServiceServicer_to_server

from .handlers import ReporterHandlers
from .making import ReportMaker
from .store import ReportStore


class Reporter:
    """The service; it has no background work."""

    name = "reporter"

    def __init__(self, context: ServiceContext) -> None:
        reports = ReportStore(context.metadata)
        maker = ReportMaker(context.clients, reports, ContractStore.packaged(), context.config.limits.report_inputs_max)
        self._handlers = ReporterHandlers(maker, reports, context.clients, context.clock)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers to the process's server."""
        add_ReporterServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Open nothing: reports are in the metadata database, files in storage."""

    async def stop(self) -> None:
        """Close nothing."""


def build(context: ServiceContext) -> Service:
    """Build the service."""
    return Reporter(context)
