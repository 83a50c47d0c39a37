"""gRPC handlers for health, readiness and status. Each call asks the services; nothing is cached."""

from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from google.protobuf.timestamp_pb2 import Timestamp

from chartly.platform.rpc.call import Context
from chartly.platform.rpc.probe import Probe, probe_installation
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
        """Answer when all services serve, and a drone works."""
        waiting_for = [found for found in await self._services() if found.state != "serving"]
        if waiting_for:
            problems = "; ".join(f"{found.service}: {found.problem or found.state}" for found in waiting_for)
            raise NotReady(",".join(found.service for found in waiting_for), problems)
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
            services=[pb.GatewayServiceStatus(service=found.service, status=found.state, problem=found.problem) for found in services],
            counts=await count(clients, self._context.config.limits, logger),
            last_check=last_check if last_check and last_check.HasField("checked_at") else None,
        )

    async def _services(self) -> list[Probe]:
        return await probe_installation(self._context.clients, self._context.config.server.addresses)


def package_version() -> str:
    """Return the installed version; a source tree that was never installed has none."""
    try:
        return version("chartly")
    except PackageNotFoundError:
        return "0.0.0+source"
