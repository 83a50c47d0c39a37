"""Clients of the other services. They pass on identity, request id, trace and deadline, and raise errors as types.

They wrap the channel's calls. gRPC's client interceptors would cost a task and 0.1 ms each, and hide the error.

The rights of a call: a method with a permission gets the caller's internal token. An ``internal`` method gets a token of this service on
behalf of the caller. With ``acting``, for background work, every call has the service's own rights.
"""

import time
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextvars import ContextVar
from importlib import import_module
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from chartly.platform.config import Config
from chartly.platform.errors import DeadlineExceeded, error
from chartly.platform.identity.scope import Scope, current_scope
from chartly.platform.identity.tokens import HEADER, InternalTokens
from chartly.platform.names import PROTO_FILES, PROTO_PACKAGE, proto_service
from chartly.platform.telemetry.tracing import current_trace

from .methods import Method, method
from .status import decode
from .transport import channel_credentials, channel_options, target

if TYPE_CHECKING:
    from chartly.v1 import (
        aggregator_pb2_grpc,
        analytics_pb2_grpc,
        audit_pb2_grpc,
        auth_pb2_grpc,
        blob_pb2_grpc,
        commit_pb2_grpc,
        connector_hub_pb2_grpc,
        coordinator_pb2_grpc,
        dataset_pb2_grpc,
        gateway_pb2_grpc,
        maintenance_pb2_grpc,
        normalizer_pb2_grpc,
        observer_pb2_grpc,
        orchestrator_pb2_grpc,
        quarantine_pb2_grpc,
        registry_pb2_grpc,
        reporter_pb2_grpc,
        reprocess_pb2_grpc,
        verify_pb2_grpc,
    )

REQUEST_ID = "x-request-id"
RUN_ID = "x-chartly-run-id"
TRACEPARENT = "traceparent"

deadline_s: ContextVar[float | None] = ContextVar("chartly_deadline", default=None)
"""``time.monotonic()`` at which the current call ends; set by the interceptor."""


@error(reason="DEADLINE_EXCEEDED")
class NoTimeLeft(DeadlineExceeded):
    """The caller's deadline passed before another service could be called."""

    service: str


class Channels:
    """One channel for each address, opened at first use and shared by all services of a process."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._open: dict[str, grpc.aio.Channel] = {}

    def get(self, service: str) -> grpc.aio.Channel:
        """Return the channel to the configured address of ``service``."""
        address = target(self._config, service)
        if address not in self._open:
            credentials = channel_credentials(self._config, address)
            options = channel_options(self._config)
            if credentials is None:
                self._open[address] = grpc.aio.insecure_channel(address, options)
            else:
                self._open[address] = grpc.aio.secure_channel(address, credentials, options)
        return self._open[address]

    async def close(self) -> None:
        """Close all channels; open calls are cancelled."""
        for channel in self._open.values():
            await channel.close(None)
        self._open.clear()


class Clients:
    """Clients of all services, for one calling service."""

    def __init__(self, service: str, config: Config, channels: Channels, tokens: InternalTokens, acting: Scope | None = None) -> None:
        self._service = service
        self._config = config
        self._channels = channels
        self._tokens = tokens
        self._acting = acting
        self._stubs: dict[str, Any] = {}

    def acting(self, scope: Scope) -> "Clients":
        """Return clients whose calls are this service's own work for the tenant and project of ``scope``."""
        return Clients(self._service, self._config, self._channels, self._tokens, scope.acting_as(self._service))

    def stub(self, proto: str) -> Any:
        """Return the stub of the proto service in a proto file; the typed properties below name each proto file."""
        if proto not in self._stubs:
            module = import_module(f"{PROTO_PACKAGE}.{proto}_pb2_grpc")
            stub = getattr(module, f"{proto_service(proto).rpartition('.')[2]}Stub")
            self._stubs[proto] = stub(_Channel(self, PROTO_FILES[proto]))
        return self._stubs[proto]

    @property
    def gateway(self) -> "gateway_pb2_grpc.GatewayServiceAsyncStub":
        """The edge's own service."""
        return self.stub("gateway")

    @property
    def registry(self) -> "registry_pb2_grpc.RegistryServiceAsyncStub":
        """Profiles and contracts."""
        return self.stub("registry")

    @property
    def orchestrator(self) -> "orchestrator_pb2_grpc.OrchestratorServiceAsyncStub":
        """Workflows and runs."""
        return self.stub("orchestrator")

    @property
    def coordinator(self) -> "coordinator_pb2_grpc.CoordinatorServiceAsyncStub":
        """The work queue and drones."""
        return self.stub("coordinator")

    @property
    def connector_hub(self) -> "connector_hub_pb2_grpc.ConnectorHubServiceAsyncStub":
        """Sources and ingest."""
        return self.stub("connector_hub")

    @property
    def normalizer(self) -> "normalizer_pb2_grpc.NormalizerServiceAsyncStub":
        """The compiled core."""
        return self.stub("normalizer")

    @property
    def blob(self) -> "blob_pb2_grpc.BlobServiceAsyncStub":
        """Storage's raw blobs."""
        return self.stub("blob")

    @property
    def commit(self) -> "commit_pb2_grpc.CommitServiceAsyncStub":
        """Storage's commits of chunks."""
        return self.stub("commit")

    @property
    def dataset(self) -> "dataset_pb2_grpc.DatasetServiceAsyncStub":
        """Storage's datasets, their records and versions."""
        return self.stub("dataset")

    @property
    def quarantine(self) -> "quarantine_pb2_grpc.QuarantineServiceAsyncStub":
        """Storage's quarantined records."""
        return self.stub("quarantine")

    @property
    def reprocess(self) -> "reprocess_pb2_grpc.ReprocessServiceAsyncStub":
        """Storage's reprocesses and rollbacks."""
        return self.stub("reprocess")

    @property
    def maintenance(self) -> "maintenance_pb2_grpc.MaintenanceServiceAsyncStub":
        """Storage's checks, repairs and retention."""
        return self.stub("maintenance")

    @property
    def verify(self) -> "verify_pb2_grpc.VerifyServiceAsyncStub":
        """Storage's comparison of commits with a second result."""
        return self.stub("verify")

    @property
    def analytics(self) -> "analytics_pb2_grpc.AnalyticsServiceAsyncStub":
        """Queries and charts."""
        return self.stub("analytics")

    @property
    def aggregator(self) -> "aggregator_pb2_grpc.AggregatorServiceAsyncStub":
        """Results and summaries."""
        return self.stub("aggregator")

    @property
    def reporter(self) -> "reporter_pb2_grpc.ReporterServiceAsyncStub":
        """Reports."""
        return self.stub("reporter")

    @property
    def audit(self) -> "audit_pb2_grpc.AuditServiceAsyncStub":
        """The ledger."""
        return self.stub("audit")

    @property
    def auth(self) -> "auth_pb2_grpc.AuthServiceAsyncStub":
        """Identity."""
        return self.stub("auth")

    @property
    def observer(self) -> "observer_pb2_grpc.ObserverServiceAsyncStub":
        """Status of everything."""
        return self.stub("observer")

    def channel(self, name: str) -> grpc.aio.Channel:
        """Return the plain channel of a service, for other protocols (gRPC health)."""
        return self._channels.get(name)

    def metadata_for(self, called: Method | None) -> list[tuple[str, str]]:
        """Return the metadata of a call: token, request id, trace."""
        scope = self._acting or current_scope()
        if called is not None and called.internal:
            scope = scope.acting_as(self._service)
        metadata = [(HEADER, self._tokens.mint(scope))]
        if scope.request_id:
            metadata.append((REQUEST_ID, scope.request_id))
        if scope.run_id:
            metadata.append((RUN_ID, scope.run_id))
        trace = current_trace()
        if trace:
            metadata.append((TRACEPARENT, trace.traceparent))
        return metadata

    def timeout_s(self, service: str, called: Method | None, asked_s: float | None) -> float:
        """Return the timeout of a call: the given one, at most the configured bound and the rest of the caller's deadline."""
        limits = self._config.limits
        streams = called is not None and (called.server_streaming or called.client_streaming)
        bound = float(limits.rpc_stream_deadline_s if streams else limits.rpc_deadline_s)
        wanted = bound if asked_s is None else min(asked_s, bound)
        ends = deadline_s.get()
        if ends is None or self._acting is not None:
            return wanted
        left = ends - time.monotonic()
        if left <= 0:
            raise NoTimeLeft(service)
        return min(wanted, left)


class _Channel:
    """A channel for generated stubs. Its calls pass identity on and raise ``RemoteError``."""

    def __init__(self, clients: Clients, service: str) -> None:
        self._clients = clients
        self._service = service
        # Untyped: the stub knows the types of messages.
        self._channel: Any = clients.channel(service)

    def unary_unary(self, path: str, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        return self._unary_answer(path, self._channel.unary_unary(path, *args, **kwargs))

    def stream_unary(self, path: str, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        return self._unary_answer(path, self._channel.stream_unary(path, *args, **kwargs))

    def unary_stream(self, path: str, *args: Any, **kwargs: Any) -> Callable[..., AsyncIterator[Any]]:
        return self._stream_answer(path, self._channel.unary_stream(path, *args, **kwargs))

    def stream_stream(self, path: str, *args: Any, **kwargs: Any) -> Callable[..., AsyncIterator[Any]]:
        return self._stream_answer(path, self._channel.stream_stream(path, *args, **kwargs))

    def _unary_answer(self, path: str, call: Any) -> Callable[..., Any]:
        called = method(path)

        async def ask(request: Any, *, timeout: float | None = None, metadata: tuple[tuple[str, str], ...] = ()) -> Any:  # noqa: ASYNC109 - the stub's own signature
            limit_s = self._clients.timeout_s(self._service, called, timeout)
            sent = (*self._clients.metadata_for(called), *metadata)
            try:
                return await call(request, timeout=limit_s, metadata=sent)
            except grpc.aio.AioRpcError as failure:
                raise decode(failure, self._service) from None

        return ask

    def _stream_answer(self, path: str, call: Any) -> Callable[..., AsyncIterator[Any]]:
        called = method(path)

        async def ask(
            request: Any | AsyncIterable[Any],
            *,
            timeout: float | None = None,  # noqa: ASYNC109 - as above
            metadata: tuple[tuple[str, str], ...] = (),
        ) -> AsyncIterator[Any]:
            limit_s = self._clients.timeout_s(self._service, called, timeout)
            sent = (*self._clients.metadata_for(called), *metadata)
            answer = call(request, timeout=limit_s, metadata=sent)
            try:
                async for message in answer:
                    yield message
            except grpc.aio.AioRpcError as failure:
                raise decode(failure, self._service) from None
            finally:
                answer.cancel()

        return ask
