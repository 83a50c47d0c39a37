"""The health of a process's services, by gRPC's health protocol: serving while the service itself says that it can serve.

A service that can't serve says why. The reason goes into the log, and with each answer to a check as trailing metadata.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grpc_health.v1 import _async as _health  # its public name, health.aio, is set at run time and unknown to type checkers
from grpc_health.v1 import health_pb2, health_pb2_grpc

from .identity.tokens import HEADER, InternalTokenInvalid, InternalTokens
from .names import health_name, proto_services
from .rpc.probe import PROBLEM
from .service import ReportsReadiness, Service
from .telemetry.log import Logger

# How long a change may go unnoticed. A look costs microseconds.
_INTERVAL_S = 0.25

_SERVING, _NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


class HealthServicer(health_pb2_grpc.HealthServicer):
    """Answers checks with the status, and with the problem of a service that can't serve.

    A check of another process of the installation carries an internal token. If its key differs from this process's, no call between them
    would be accepted, so the answer is that nothing serves.
    """

    def __init__(self, tokens: InternalTokens) -> None:
        self._tokens = tokens
        self.statuses: Any = _health.HealthServicer()
        self.problems: dict[str, str] = {}
        """By health name."""

    async def Check(self, request: health_pb2.HealthCheckRequest, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Return the status of a service."""
        problem = self._foreign(context) or self.problems.get(request.service)
        if problem:
            context.set_trailing_metadata(((PROBLEM, problem.encode()),))
        answer = await self.statuses.Check(request, context)
        return health_pb2.HealthCheckResponse(status=_NOT_SERVING) if problem else answer

    def _foreign(self, context: Any) -> str:
        """Return the problem of a caller whose token has another key; empty if it has the same key, or no token."""
        metadata: Mapping[str, Any] = dict(context.invocation_metadata() or ())
        token = metadata.get(HEADER)
        if not token:
            return ""
        try:
            self._tokens.verify(token)
        except InternalTokenInvalid as refused:
            return f"{refused.message}. Set auth.internal_key to the same value for all processes, and let their clocks agree."
        return ""

    async def Watch(self, request: health_pb2.HealthCheckRequest, context: Any) -> None:  # noqa: N802 - the protocol's name
        """Send the status of a service, and each change of it."""
        await self.statuses.Watch(request, context)


class HealthWatch:
    """Keeps the health of all services of a process up to date. Use it from one event loop."""

    def __init__(self, servicer: HealthServicer, logger: Logger, common_problem: Callable[[str], str]) -> None:
        """``common_problem`` returns what keeps a service from serving besides the service itself, such as a store of the host."""
        self._servicer = servicer
        self._logger = logger
        self._common_problem = common_problem
        self._services: Sequence[Service] = ()
        self._task: asyncio.Task[None] | None = None

    async def start(self, services: Sequence[Service]) -> None:
        """Set the health of the services, and follow its changes."""
        self._services = services
        await self._update()
        self._task = asyncio.create_task(self._follow(), name="health")

    async def stop(self) -> None:
        """Set all services to not serving, for good."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        await self._servicer.statuses.enter_graceful_shutdown()

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL_S)
            await self._update()

    async def _update(self) -> None:
        for service in self._services:
            for name, problem in self._problems(service).items():
                own = proto_services(name) if name == service.name else ()
                for each in (health_name(name), *own):
                    await self._set(each, problem)
        # The process as a whole, for those that ask for no service: it serves, whatever its stores do.
        await self._servicer.statuses.set("", _SERVING)

    def _problems(self, service: Service) -> Mapping[str, str]:
        common = self._common_problem(service.name)
        if not isinstance(service, ReportsReadiness):
            return {service.name: common}
        try:
            found = service.problems()
            return {**found, service.name: found.get(service.name) or common}
        except Exception as failure:  # noqa: BLE001 - a service that can't say how it is can't serve
            self._logger.error("readiness not known", exception=failure, service=service.name)  # noqa: TRY400 - our logger's error takes it
            return {service.name: "Its readiness is not known; see the log."}

    async def _set(self, name: str, problem: str) -> None:
        before = self._servicer.problems.get(name)
        if problem != before:
            self._servicer.problems[name] = problem
            if problem and before is None:
                # Common at the start: the drones, for example, come last.
                self._logger.info("not ready yet", health=name, problem=problem)
            elif problem:
                self._logger.warning("not ready", health=name, problem=problem)
            elif before is not None:
                self._logger.info("ready", health=name)
        await self._servicer.statuses.set(name, _NOT_SERVING if problem else _SERVING)
