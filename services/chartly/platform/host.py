"""One process of Chartly: build the named services, serve them on one gRPC server, drain, stop.

The steps: lock → migrate → build → start → listen → serve → (SIGINT or SIGTERM) → not serving → drain → stop → close → unlock. A process
that can't have its locks and addresses is refused before it changes anything. When a service fails to start, the services that have
started are stopped.
"""

import asyncio
import contextlib
import errno
import gc
import importlib
import os
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2_grpc
from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, CollectorRegistry, ProcessCollector

from chartly.platform.lazy import lazy_module

from .background import Background
from .blocking import Blocking
from .clock import Clock, SystemClock
from .config import Config
from .errors import FailedPrecondition, error
from .files import own_what_is_made, private_folder
from .health import HealthServicer, HealthWatch
from .identity.tokens import InternalTokens, internal_key
from .metadata import Metadata
from .metadata.migrate import migrate, version_locations
from .names import SERVICES
from .rpc.clients import Channels, Clients
from .rpc.interceptor import CallInterceptor
from .rpc.transport import listen_address, server_credentials, server_options, socket_path
from .service import Begins, Drains, Service, ServiceContext
from .service_locks import ServiceLocks
from .signals import end_asked
from .store_watch import StoreWatch
from .telemetry import log
from .telemetry.listener import Listener
from .telemetry.metrics import RpcMetrics
from .telemetry.tracing import Tracing

# The errors of a full or read-only disk. The operator gets one sentence instead of a traceback.
if TYPE_CHECKING:
    import uvloop
else:
    # Not installed on Windows, where nothing uses it.
    uvloop = lazy_module("uvloop")

_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


@error(reason="INVALID_REQUEST")
class ServiceNameUnknown(FailedPrecondition):
    """No service has this name."""

    name: str


@error(reason="SERVICE_UNAVAILABLE")
class AddressTaken(FailedPrecondition):
    """Another process listens at this address."""

    address: str


@error(reason="SERVICE_UNAVAILABLE")
class DataFolderUnwritable(FailedPrecondition):
    """The data directory is not writable, so nothing was started."""

    path: str
    problem: str


class Attachment(Protocol):
    """A part that starts and stops with a host and is not a service: the edge, a drone, a progress display."""

    async def start(self) -> None:
        """Start, after the host's services serve."""
        ...

    async def stop(self) -> None:
        """Stop, before the host's services do."""
        ...


class Host:
    """Runs the services ``names`` in this process. Use it from one event loop."""

    def __init__(self, config: Config, names: Sequence[str], clock: Clock | None = None) -> None:
        for name in names:
            if name not in SERVICES:
                raise ServiceNameUnknown(name)
        self.config = config
        self.names = tuple(dict.fromkeys(names))
        self.clock = clock or SystemClock()
        self.address = listen_address(config)
        self.tokens = InternalTokens(internal_key(config), self.clock, config.limits.internal_token_s)
        self.channels = Channels(config)
        self.metrics = CollectorRegistry()
        self.logger = log.Logger("host")
        self.tracing = Tracing(config.telemetry, "chartly")
        self.blocking = Blocking(config.limits.blocking_threads, config.limits.blocking_waiting_max)
        self.metadata = Metadata(config, self.blocking)
        self.services: list[Service] = []
        self.listener = Listener(self.metrics, lambda: self._serving)
        self._serving = False
        self._locks = ServiceLocks(config.data_path, self.names, embedded_database=self.metadata.is_sqlite)
        self._health = HealthServicer(self.tokens)
        self._health_watch = HealthWatch(self._health, self.logger, self._common_problem)
        self._database_watch = StoreWatch("The metadata database", self.metadata.ping)
        self._using_database = {location.parent.name for location in version_locations()}
        self._server: grpc.aio.Server | None = None
        self._closing = contextlib.AsyncExitStack()

    def clients(self, service: str) -> Clients:
        """Return the clients with which ``service`` calls other services."""
        return Clients(service, self.config, self.channels, self.tokens)

    def service(self, name: str) -> Any:
        """Return a service of this host, for tests of its internals."""
        return self.services[self.names.index(name)]

    async def start(self) -> None:
        """Start everything, and return when the port answers. On failure, stop everything and raise the error."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        self.config.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._locks.acquire()
        await self._check_address()
        await self._start_listener()
        for collector in (ProcessCollector(registry=None), PLATFORM_COLLECTOR, GC_COLLECTOR):
            self.metrics.register(collector)
        await self.blocking.run(migrate, self.metadata)
        self._closing.push_async_callback(self.channels.close)
        self._server = self._make_server()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        for name in self.names:
            service = importlib.import_module(f"chartly.{name}.service").build(self._context(name))
            service.register(self._server)
            self.services.append(service)
        for service in self.services:
            await service.start()
            self._closing.push_async_callback(service.stop)
        await self._listen(self._server)
        for service in self.services:
            if isinstance(service, Begins):
                await service.begin()
        if not self.metadata.is_sqlite:
            background = Background(self.logger)
            background.start("database-watch", self._database_watch.once)
            self._closing.push_async_callback(background.stop)
        await self._health_watch.start(self.services)
        self._serving = True
        self.logger.info("serving", services=list(self.names), address=self.address, metrics_port=self.listener.port)

    def _context(self, name: str) -> ServiceContext:
        return ServiceContext(
            name=name,
            config=self.config,
            clients=self.clients(name),
            clock=self.clock,
            metadata=self.metadata,
            blocking=self.blocking,
            metrics=self.metrics,
            logger=log.Logger(name),
            tracing=self.tracing,
        )

    def _make_server(self) -> grpc.aio.Server:
        interceptor = CallInterceptor(self.tokens, self.tracing, RpcMetrics(self.metrics), self.config.limits, self.logger)
        make: Any = getattr(grpc.aio, "server")  # noqa: B009 - its stub wants the messages' types
        return make(
            interceptors=[interceptor],
            options=server_options(self.config),
            maximum_concurrent_rpcs=self.config.limits.rpc_concurrent_max,
        )

    def _common_problem(self, service: str) -> str:
        return self._database_watch.problem if service in self._using_database else ""

    async def _start_listener(self) -> None:
        host, _, port = self.config.telemetry.metrics_listen.rpartition(":")
        try:
            await self.listener.start(host, int(port))
        except OSError as taken:
            raise AddressTaken(self.config.telemetry.metrics_listen) from taken

    async def _check_address(self) -> None:
        """Refuse an address at which another process listens, before anything is opened. ``_listen`` checks it once more."""
        if self.address.startswith("unix:"):
            path = socket_path(self.config)
            private_folder(path.parent)
            await _refuse_if_alive(str(path), self.address)
            return
        host, _, port = self.address.rpartition(":")
        try:
            server = await asyncio.start_server(lambda _, writer: writer.close(), host.strip("[]"), int(port))
        except OSError as taken:
            if taken.errno == errno.EADDRINUSE:
                raise AddressTaken(self.address) from taken
            return
        server.close()
        await server.wait_closed()

    async def _listen(self, server: grpc.aio.Server) -> None:
        if self.address.startswith("unix:"):
            await _refuse_if_alive(str(socket_path(self.config)), self.address)
        credentials = server_credentials(self.config)
        try:
            port = server.add_insecure_port(self.address) if credentials is None else server.add_secure_port(self.address, credentials)
        except RuntimeError as refused:
            raise AddressTaken(self.address) from refused
        if not port:
            raise AddressTaken(self.address)
        if not self.address.startswith("unix:"):
            self.address = f"{self.address.rpartition(':')[0]}:{port}"
        await server.start()

    async def stop(self) -> None:
        """Drain and stop: refuse new calls, wait up to ``drain_s`` for open ones, stop the services in reverse order. Idempotent."""
        self._serving = False
        await self._health_watch.stop()
        for service in self.services:
            if isinstance(service, Drains):
                service.drain()
        if self._server:
            await self._server.stop(self.config.limits.drain_s)
            self._server = None
        try:
            await self._closing.aclose()
        finally:
            await self.listener.stop()
            self.blocking.close()
            self.metadata.close()
            self.tracing.close()
            self._locks.release()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def _refuse_if_alive(path: str, address: str) -> None:
    """Refuse a socket on which a server answers: gRPC would silently replace the socket of a running server."""
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return
    writer.close()
    raise AddressTaken(address)


async def serve(config: Config, names: Sequence[str], attachments: Sequence[Attachment] = ()) -> None:
    """Run services and attachments until SIGINT or SIGTERM, which also end a start that is under way."""
    ended = end_asked()
    async with contextlib.AsyncExitStack() as stack:
        starting = asyncio.create_task(_start_all(stack, config, names, attachments))
        ending = asyncio.create_task(ended.wait())
        await asyncio.wait({starting, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not starting.done():
            starting.cancel()
            await asyncio.wait([starting])
            return
        starting.result()
        # The hundred thousand objects loaded so far stay alive. Freezing them spares each garbage collection a visit.
        gc.collect()
        gc.freeze()
        await ended.wait()


async def _start_all(stack: contextlib.AsyncExitStack, config: Config, names: Sequence[str], attachments: Sequence[Attachment]) -> None:
    with _writable(config):
        await stack.enter_async_context(Host(config, names))
        for attachment in attachments:
            stack.push_async_callback(attachment.stop)
            await attachment.start()


@contextlib.contextmanager
def _writable(config: Config) -> Generator[None]:
    """Raise a one-sentence error when the disk is not writable."""
    try:
        yield
    except OSError as refused:
        if refused.errno not in _UNWRITABLE:
            raise
        raise DataFolderUnwritable(str(config.data_path), os.strerror(refused.errno)) from refused


def run(config: Config, names: Sequence[str], attachments: Sequence[Attachment] = ()) -> None:
    """Run ``serve`` on uvloop, with this process's logs configured."""
    own_what_is_made()
    log.configure(config.telemetry)
    uvloop.run(serve(config, names, attachments))
