"""Wires the registry."""

import grpc.aio

from chartly.contracts import ContractStore
from chartly.platform.service import Service, ServiceContext
from chartly.v1.registry_pb2_grpc import add_RegistryServiceServicer_to_server

from .catalog import Catalog
from .contract_catalog import ContractCatalog
from .handlers import RegistryHandlers


class RegistryService:
    """The registry, built but not started."""

    name = "registry"

    def __init__(self, context: ServiceContext) -> None:
        packaged = ContractStore.packaged()
        self._logger = context.logger
        self._catalog = Catalog(context.metadata, context.clock, packaged, context.blocking, context.config.limits)
        contracts = ContractCatalog(context.metadata, context.clock, packaged)
        self._handlers = RegistryHandlers(self._catalog, contracts)

    def register(self, server: grpc.aio.Server) -> None:
        """Serve RegistryService."""
        add_RegistryServiceServicer_to_server(self._handlers, server)

    async def start(self) -> None:
        """Store the packaged profiles in the global namespace."""
        added = await self._catalog.seed()
        if added:
            self._logger.info("packaged profiles stored", profiles=added)

    async def stop(self) -> None:
        """Nothing runs in the background."""


def build(context: ServiceContext) -> Service:
    """Build the service; opens nothing."""
    return RegistryService(context)
