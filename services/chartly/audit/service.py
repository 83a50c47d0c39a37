"""Wires the audit service."""

import grpc.aio
from prometheus_client import Gauge

from chartly.contracts import ContractStore
from chartly.platform.config import Config
from chartly.platform.config.model import EDGE_PORT_DEFAULT
from chartly.platform.service import Service, ServiceContext
from chartly.v1.audit_pb2_grpc import add_AuditServiceServicer_to_server

from .entry import EntryEncoder
from .handlers import AuditHandlers
from .key import signer
from .log import Log
from .store import EntryStore, LogFiles


class AuditService:
    """The service and its log's writer."""

    name = "audit"

    def __init__(self, context: ServiceContext) -> None:
        limits, folder = context.config.limits, context.config.data_path / "ledger"
        key = signer(folder, _origin(context.config))
        entries, files = EntryStore(context.metadata), LogFiles(folder)
        self._log = Log(
            entries,
            files,
            key,
            context.blocking,
            batch_max=limits.ledger_batch_entries_max,
            waiting_max=limits.ledger_appends_waiting_max,
        )
        encoder = EntryEncoder(ContractStore.packaged(), limits.ledger_entry_bytes_max)
        self._handlers = AuditHandlers(self._log, entries, files, encoder, key.verifier, context.blocking, context.clock)
        gauge = Gauge("chartly_ledger_entries", "Entries under the ledger's checkpoint.", registry=context.metrics)
        gauge.set_function(lambda: self._log.size)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers to the process's server."""
        add_AuditServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Start the log's writer."""
        await self._log.start()

    async def stop(self) -> None:
        """Write the waiting entries and stop."""
        await self._log.stop()


def _origin(config: Config) -> str:
    """Return the log's name: the address at which the edge serves it, or a fixed name if the edge's port is chosen at each start."""
    host, port = config.edge.host, config.edge.port or EDGE_PORT_DEFAULT
    return config.audit.origin or f"{f'[{host}]' if ':' in host else host}:{port}/v1/audit/log"


def build(context: ServiceContext) -> Service:
    """Build the service."""
    return AuditService(context)
