"""Wrap every handler, in this order: trace, identity, permission, deadline, field rules, handler, status, metrics, log.

One interceptor, not a chain: each part of a chain costs time at every call, and the order matters for security, so it should be visible in
one place. The field rules are in the protos.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
from google.rpc import status_pb2

from chartly.platform.config import Limits
from chartly.platform.errors import ChartlyError, DeadlineExceeded, PermissionDenied, Unauthenticated, error
from chartly.platform.identity.policy import allows
from chartly.platform.identity.scope import SERVICE_ROLE, Scope, enter
from chartly.platform.identity.tokens import HEADER, InternalTokens
from chartly.platform.telemetry.log import Logger
from chartly.platform.telemetry.metrics import RpcMetrics
from chartly.platform.telemetry.tracing import Tracing, parse

from . import status
from .clients import REQUEST_ID, RUN_ID, TRACEPARENT, deadline_s
from .decoding import RequestDecoder
from .methods import Method, method
from .validation import RequestValidator

_HEALTH = "/grpc.health.v1.Health/"
# Envoy calls the auth service before a caller has an identity. The socket's mode, or mTLS, protects this method.
_EXT_AUTHZ = "/envoy.service.auth.v3.Authorization/Check"
_REQUEST_ID_CHARACTERS_MAX = 128


@error(reason="PERMISSION_DENIED")
class MethodDenied(PermissionDenied):
    """The caller's roles don't grant the method's permission."""

    method: str
    permission: str


@error(reason="PERMISSION_DENIED")
class MethodUnannounced(PermissionDenied):
    """The method declares neither a permission nor public or internal, so it can't be called."""

    method: str


@error(reason="TOKEN_INVALID")
class TokenMissing(Unauthenticated):
    """The call has no identity."""


if TYPE_CHECKING:
    _Base = grpc.aio.ServerInterceptor[Any, Any]
else:
    _Base = grpc.aio.ServerInterceptor


@error(reason="DEADLINE_EXCEEDED")
class CallTooLong(DeadlineExceeded):
    """The call exceeded the time limit of the service, which no deadline of a client extends."""

    method: str


class CallInterceptor(_Base):
    """Wraps every handler of a process. Wrapped handlers are cached, so that a call constructs nothing."""

    def __init__(self, tokens: InternalTokens, tracing: Tracing, metrics: RpcMetrics, limits: Limits, logger: Logger) -> None:
        self._tokens = tokens
        self._tracing = tracing
        self._metrics = metrics
        self._limits = limits
        self._logger = logger
        self._validator = RequestValidator(limits)
        self._wrapped: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the wrapped handler of the called method; None, which means UNIMPLEMENTED, for an unknown method."""
        path = handler_call_details.method
        if path.startswith(_HEALTH):
            return await continuation(handler_call_details)
        if path not in self._wrapped:
            handler = await continuation(handler_call_details)
            if handler is None:
                return None
            self._wrapped[path] = self._wrap(path, handler)
        return self._wrapped[path]

    def _wrap(self, path: str, handler: Any) -> "grpc.RpcMethodHandler[Any, Any]":
        inner = handler.unary_unary or handler.stream_unary or handler.unary_stream or handler.stream_stream

        check = self._validator.checked if handler.request_streaming else self._validator.check
        decoder = RequestDecoder(handler.request_deserializer)
        decode = decoder.decode_all if handler.request_streaming else decoder.decode

        def checked(request: Any) -> Any:
            decoded: Any = decode(request)
            return check(decoded)

        # Requests arrive as bytes, so that one that can't be decoded is answered like every other error.
        async def one(request: Any, context: Any) -> Any:
            async with self._around(path, context):
                return await inner(checked(request), context)

        async def many(request: Any, context: Any) -> AsyncIterator[Any]:
            async with self._around(path, context), contextlib.aclosing(inner(checked(request), context)) as messages:
                async for message in messages:
                    yield message

        name = f"{'stream' if handler.request_streaming else 'unary'}_{'stream' if handler.response_streaming else 'unary'}"
        make = getattr(grpc, f"{name}_rpc_method_handler")
        return make(many if handler.response_streaming else one, None, handler.response_serializer)

    @contextlib.asynccontextmanager
    async def _around(self, path: str, context: Any) -> AsyncGenerator[None]:
        metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        _, service, name = path.split("/", 2)
        started = time.perf_counter()
        code = "OK"
        self._metrics.started()
        try:
            with self._tracing.span(path, parse(metadata.get(TRACEPARENT)), **{"rpc.service": service, "rpc.method": name}):
                failure: status_pb2.Status | None = None
                timer: asyncio.Timeout | None = None
                try:
                    if path != _EXT_AUTHZ:
                        self._authorize(path, metadata)
                    limit_s = _deadline(context, method(path), self._limits)
                    async with asyncio.timeout(limit_s) as timer:
                        yield
                except TimeoutError as raised:
                    late = timer is not None and timer.expired()
                    failure = status.encode(CallTooLong(path)) if late else status.incident(raised, path, self._logger)
                except ChartlyError as raised:
                    failure = status.encode(raised)
                except grpc.aio.AbortError:
                    code = str(context.code())
                    raise
                except (asyncio.CancelledError, GeneratorExit):
                    code = "CANCELLED"
                    raise
                except Exception as raised:  # noqa: BLE001 - the last line before the client: logged with an incident id
                    failure = status.incident(raised, path, self._logger)
                if failure is not None:
                    code = status.BY_CODE[failure.code].name
                    await _abort(context, failure)
        finally:
            self._metrics.finished(service, name, code, time.perf_counter() - started)

    def _authorize(self, path: str, metadata: dict[str, str]) -> None:
        called = method(path)
        request_id = metadata.get(REQUEST_ID, "")[:_REQUEST_ID_CHARACTERS_MAX] or uuid.uuid4().hex
        token = metadata.get(HEADER, "")
        if called is not None and called.public and not token:
            enter(Scope("anonymous", "", "", frozenset(), request_id))
            return
        if not token:
            raise TokenMissing
        scope = self._tokens.verify(token, request_id, metadata.get(RUN_ID, ""))
        enter(scope)
        _permit(path, called, scope)


def _permit(path: str, called: Method | None, scope: Scope) -> None:
    if called is None:
        raise MethodUnannounced(path)
    if called.public:
        return
    if called.internal:
        if SERVICE_ROLE not in scope.roles:
            raise MethodDenied(path, "internal")
        return
    if not called.permission:
        raise MethodUnannounced(path)
    if not allows(scope.roles, called.permission):
        raise MethodDenied(path, called.permission)


def _deadline(context: Any, called: Method | None, limits: Limits) -> float | None:
    """Store the end of the call for its calls to other services. Return the seconds to enforce; None if gRPC enforces an earlier deadline.

    A client's own deadline can shorten a call, but not extend it.
    """
    left: float | None = context.time_remaining()
    streams = called is not None and (called.server_streaming or called.client_streaming)
    bound = float(limits.rpc_stream_deadline_s if streams else limits.rpc_deadline_s)
    earlier = left is not None and left <= bound
    deadline_s.set(time.monotonic() + (left if left is not None and earlier else bound))
    return None if earlier else bound


async def _abort(context: Any, failure: status_pb2.Status) -> None:
    trailing = [*(context.trailing_metadata() or ()), (status.DETAILS_KEY, failure.SerializeToString())]
    retry_after_s = status.retry_after_s(failure)
    if retry_after_s is not None:
        # For REST clients, which read headers and not trailers (RFC 9110 §10.2.3). A started stream has already sent its headers.
        with contextlib.suppress(grpc.aio.InternalError, grpc.aio.UsageError):
            await context.send_initial_metadata((("retry-after", str(retry_after_s)),))
    await context.abort(status.BY_CODE[failure.code], failure.message, tuple(trailing))
