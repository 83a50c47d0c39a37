"""The observer over the wire: decode, check, encode."""

from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.clients import deadline_s
from chartly.platform.rpc.probe import probe_installation
from chartly.platform.service import ServiceContext
from chartly.v1 import observer_pb2 as pb
from chartly.v1 import observer_pb2_grpc

from .checks import Checked, Checks

# Left of a call's time for verifying the log and for the answer.
_ANSWER_S = 2.0


class ObserverHandlers(observer_pb2_grpc.ObserverServiceServicer):
    """Serves ``chartly.v1.ObserverService``."""

    def __init__(self, context: ServiceContext, checks: Checks) -> None:
        self._context = context
        self._checks = checks

    async def GetPlatformStatus(self, request: pb.GetPlatformStatusRequest, context: Context) -> pb.GetPlatformStatusResponse:
        """Ask every service that this installation runs for its health."""
        found = await probe_installation(self._context.clients, self._context.config.server.addresses)
        answer = pb.GetPlatformStatusResponse(
            services=[
                pb.ServiceStatus(service=each.service, status=each.state, latency_us=each.latency_us, problem=each.problem)
                for each in found
            ],
            healthy=all(each.state == "serving" for each in found),
        )
        answer.checked_at.FromDatetime(self._context.clock.now())
        return answer

    async def RunCheck(self, request: pb.RunCheckRequest, context: Context) -> pb.RunCheckResponse:
        """Check the caller's project, with the observer's own rights: the answer shows no data."""
        time_s = float(self._context.config.observer.check_s_max)
        ends_s = deadline_s.get()
        if ends_s is not None:
            time_s = min(time_s, ends_s - self._context.clock.monotonic_s() - _ANSWER_S)
        return _encoded(await self._checks.run(current_scope(), time_s))

    async def GetLastCheck(self, request: pb.GetLastCheckRequest, context: Context) -> pb.RunCheckResponse:
        """Return the last check of the caller's project."""
        last = self._checks.last(current_scope())
        return _encoded(last) if last else pb.RunCheckResponse()


def _encoded(checked: Checked) -> pb.RunCheckResponse:
    report = checked.report
    answer = pb.RunCheckResponse(
        consistent=not report.findings,
        datasets_checked=report.datasets,
        commits_checked=report.commits,
        blobs_checked=report.blobs,
        faults=[str(finding) for finding in report.findings],
        findings=[
            pb.CheckFinding(dataset=finding.dataset, version=finding.version, place=finding.place, problem=finding.problem)
            for finding in report.findings
        ],
        complete=report.complete,
    )
    answer.checked_at.FromDatetime(checked.at)
    return answer
