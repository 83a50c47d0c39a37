"""gRPC handlers for health, readiness and status. Each call asks the services; nothing is cached."""

from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from google.protobuf.timestamp_pb2 import Timestamp

from chartly.platform.names import SERVICES
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.probe import Probe, probe
from chartly.platform.service import ServiceContext
from chartly.v1 import gateway_pb2 as pb
from chartly.v1 import gateway_pb2_grpc, observer_pb2

from .counts import TIMEOUT_S, count, or_none
from .errors import NotReady


class GatewayHandlers(gateway_pb2_grpc.GatewayServiceServicer):
    """Serves ``chartly.v1.GatewayService``."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._started_at: datetime = context.clock.now()

    async def GetHealth(self, request: pb.GetHealthRequest, context: Context) -> pb.GetHealthResponse:
        """Answer without asking any service."""
        return pb.GetHealthResponse(status="ok")

    async def GetReadiness(self, request: pb.GetReadinessRequest, context: Context) -> pb.GetReadinessResponse:
        """Answer when all services serve."""
        waiting_for = [found.service for found in await self._services() if found.state != "serving"]
        if waiting_for:
            raise NotReady(",".join(waiting_for))
        return pb.GetReadinessResponse(status="ready")

    async def GetStatus(self, request: pb.GetStatusRequest, context: Context) -> pb.GetStatusResponse:
        """Return version, uptime, services, counts and the last consistency check."""
        now = self._context.clock.now()
        started_at = Timestamp()
        started_at.FromDatetime(self._started_at)
        services = await self._services()
        clients, logger = self._context.clients, self._context.logger
        last_check = await or_none(clients.observer.GetLastCheck(observer_pb2.GetLastCheckRequest(), timeout=TIMEOUT_S), logger)
        return pb.GetStatusResponse(
            version=package_version(),
            started_at=started_at,
            uptime_s=int((now - self._started_at).total_seconds()),
            services=[pb.GatewayServiceStatus(service=found.service, status=found.state) for found in services],
            counts=await count(clients, self._context.config.limits, logger),
            last_check=last_check if last_check and last_check.HasField("checked_at") else None,
        )

    async def _services(self) -> list[Probe]:
        """Probe all services, without those that this installation doesn't run: neither configured nor part of the host."""
        addresses = self._context.config.server.addresses
        found = await probe(self._context.clients, sorted(SERVICES))
        return [each for each in found if each.state != "absent" or each.service in addresses]


def package_version() -> str:
    """Return the installed version; a source tree that was never installed has none."""
    try:
        return version("chartly")
    except PackageNotFoundError:
        return "0.0.0+source"
