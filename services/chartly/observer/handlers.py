"""The observer over the wire: ask, compare, encode. It remembers nothing between calls."""

from chartly.platform.identity.scope import current_scope
from chartly.platform.names import SERVICES
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.probe import probe
from chartly.platform.service import ServiceContext
from chartly.v1 import observer_pb2 as pb
from chartly.v1 import observer_pb2_grpc

from .check import ConsistencyCheck


class ObserverHandlers(observer_pb2_grpc.ObserverServiceServicer):
    """Serves ``chartly.v1.ObserverService``."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def GetPlatformStatus(self, request: pb.GetPlatformStatusRequest, context: Context) -> pb.GetPlatformStatusResponse:
        """Ask every service that this installation runs for its health."""
        configured = self._context.config.server.addresses
        found = await probe(self._context.clients, sorted(SERVICES))
        mine = [each for each in found if each.state != "absent" or each.service in configured]
        answer = pb.GetPlatformStatusResponse(
            services=[pb.ServiceStatus(service=each.service, status=each.state, latency_us=each.latency_us) for each in mine],
            healthy=all(each.state == "serving" for each in mine),
        )
        answer.checked_at.FromDatetime(self._context.clock.now())
        return answer

    async def RunCheck(self, request: pb.RunCheckRequest, context: Context) -> pb.RunCheckResponse:
        """Compare what the services keep of the caller's project; with the observer's own rights, since it shows no data."""
        report = await ConsistencyCheck(self._context.clients.acting(current_scope())).run()
        self._context.logger.info("consistency checked", datasets=report.datasets, commits=report.commits, faults=len(report.faults))
        return pb.RunCheckResponse(
            consistent=not report.faults,
            datasets_checked=report.datasets,
            commits_checked=report.commits,
            blobs_checked=report.blobs,
            faults=report.faults,
        )
