"""The interceptor around failing handlers: a real server with methods of the gateway, and with methods that no proto declares."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar

import grpc
import grpc.aio
import pytest
from prometheus_client import CollectorRegistry

from chartly.platform.clock import SystemClock
from chartly.platform.config import Config, Limits
from chartly.platform.config.model import TelemetryConfig
from chartly.platform.errors import FieldViolation, NotFound, RemoteError, error
from chartly.platform.identity.scope import Scope, current_scope
from chartly.platform.identity.tokens import HEADER, InternalTokens
from chartly.platform.rpc.clients import Channels, Clients, deadline_s
from chartly.platform.rpc.interceptor import CallInterceptor
from chartly.platform.rpc.status import decode
from chartly.platform.telemetry.log import Logger
from chartly.platform.telemetry.metrics import RpcMetrics
from chartly.platform.telemetry.tracing import Tracing, current_trace
from chartly.v1 import (
    aggregator_pb2,
    aggregator_pb2_grpc,
    connector_hub_pb2,
    connector_hub_pb2_grpc,
    gateway_pb2,
    gateway_pb2_grpc,
    orchestrator_pb2,
    orchestrator_pb2_grpc,
)

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
DRONE = Scope("key:drone", "t", "p", frozenset({"drone"}))
VIEWER = Scope("user:eve", "t", "p", frozenset({"viewer"}))
OPERATOR = Scope("user:ada", "t", "p", frozenset({"operator"}), "request-1", "job-1")


@error(reason="RUN_UNKNOWN")
class RunMissing(NotFound):
    """No run has this id."""

    run_id: str


class Gateway(gateway_pb2_grpc.GatewayServiceServicer):
    """Handlers that return what the interceptor set, or fail."""

    async def GetHealth(self, request: Any, context: Any) -> Any:
        """Return the scope, or an empty text without one."""
        return gateway_pb2.GetHealthResponse(status=current_scope().principal)

    async def GetReadiness(self, request: Any, context: Any) -> Any:
        """Raise an unexpected error, or never end."""
        if current_scope().principal == "anonymous":
            await asyncio.sleep(600)
        raise KeyError("a customer's name")

    async def GetStatus(self, request: Any, context: Any) -> Any:
        """Return scope, trace and whether there is a deadline."""
        scope, trace = current_scope(), current_trace()
        assert trace
        left_s = (deadline_s.get() or 0) - asyncio.get_running_loop().time()
        seen = f"{scope.name} {scope.request_id} {scope.run_id} {trace.trace_id} {0 < left_s <= 1}"
        return gateway_pb2.GetStatusResponse(version=seen)


class Orchestrator(orchestrator_pb2_grpc.OrchestratorServiceServicer):
    """A stream that ends with an error."""

    async def WatchRun(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """Send one message, then fail."""
        yield orchestrator_pb2.WatchRunResponse()
        raise RunMissing("r1")


class Aggregator(aggregator_pb2_grpc.AggregatorServiceServicer):
    """A handler that must not run."""

    async def PostResult(self, request: Any, context: Any) -> Any:
        """Fail."""
        raise AssertionError


class Hub(connector_hub_pb2_grpc.ConnectorHubServiceServicer):
    """A handler that reads a stream."""

    received: ClassVar[list[str]] = []

    async def IngestStream(self, request_iterator: AsyncIterator[Any], context: Any) -> Any:
        """Record each message."""
        async for message in request_iterator:
            self.received.append(message.source_id)
        return connector_hub_pb2.IngestStreamResponse()


async def undeclared(request: bytes, context: Any) -> bytes:
    """Must never run."""
    raise AssertionError


@pytest.fixture
def tokens() -> InternalTokens:
    """The installation's tokens."""
    return InternalTokens(bytes(32), SystemClock(), 300)


@pytest.fixture
async def address(tokens: InternalTokens) -> AsyncIterator[str]:
    """A server with the interceptor."""
    metrics = RpcMetrics(CollectorRegistry())
    interceptor = CallInterceptor(tokens, Tracing(TelemetryConfig(), "test"), metrics, Limits(rpc_deadline_s=1), Logger("test"))
    grpc_: Any = grpc  # its stubs want to know the messages
    server = grpc_.aio.server(interceptors=[interceptor])
    gateway_pb2_grpc.add_GatewayServiceServicer_to_server(Gateway(), server)
    orchestrator_pb2_grpc.add_OrchestratorServiceServicer_to_server(Orchestrator(), server)  # pyright: ignore[reportAbstractUsage]
    aggregator_pb2_grpc.add_AggregatorServiceServicer_to_server(Aggregator(), server)  # pyright: ignore[reportAbstractUsage]
    connector_hub_pb2_grpc.add_ConnectorHubServiceServicer_to_server(Hub(), server)  # pyright: ignore[reportAbstractUsage]
    handler = grpc_.unary_unary_rpc_method_handler(undeclared)
    server.add_generic_rpc_handlers((grpc_.method_handlers_generic_handler("some.Debugging", {"Dump": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


@pytest.fixture
async def clients(address: str, tokens: InternalTokens, make_config: Callable[..., Config]) -> AsyncIterator[Clients]:
    """Clients of that server."""
    config = make_config(server__addresses={"default": address})
    channels = Channels(config)
    yield Clients("test", config, channels, tokens)
    await channels.close()


async def test_method_that_no_proto_declares_is_refused(address: str, tokens: InternalTokens) -> None:
    """A method that no proto declares is refused, even for a service."""
    metadata = ((HEADER, tokens.mint(Scope.service("gateway"))),)
    async with grpc.aio.insecure_channel(address) as opened:
        channel: Any = opened
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary("/some.Debugging/Dump")(b"", metadata=metadata)

    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_request_that_breaks_rules_reaches_no_handler(address: str, tokens: InternalTokens) -> None:
    """A request with violations is refused with all of them, and the handler does not run."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = aggregator_pb2_grpc.AggregatorServiceStub(channel)
        request = aggregator_pb2.PostResultRequest(result=aggregator_pb2.WorkResult(work_id="w" * 65, kind="normalize", run_id="r"))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.PostResult(request, metadata=((HEADER, tokens.mint(DRONE)),))

    failure = decode(refused.value, "aggregator")
    assert (failure.remote_code, failure.remote_reason) == (3, "INVALID_REQUEST")
    assert failure.violations == (
        FieldViolation("result.work_id", "must have 1 to 64 characters"),
        FieldViolation("result.outcome", "must be succeeded or failed"),
    )


async def test_caller_without_permission_learns_no_rule(address: str, tokens: InternalTokens) -> None:
    """A caller without permission is refused for that, whatever the request contains."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = aggregator_pb2_grpc.AggregatorServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.PostResult(aggregator_pb2.PostResultRequest(), metadata=((HEADER, tokens.mint(VIEWER)),))

    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize(
    ("request_bytes", "field"),
    [
        (b"\x0a\x03\x0a\x01\xff", "result.work_id"),  # a string that is not UTF-8
        (b"\x0a", "body"),  # a field without its length
    ],
)
async def test_request_that_cannot_be_decoded_is_the_callers_error(
    address: str, tokens: InternalTokens, request_bytes: bytes, field: str
) -> None:
    """Strings that are not UTF-8 are named, and bytes that are no message too; no text of Python reaches the caller."""
    async with grpc.aio.insecure_channel(address) as opened:
        channel: Any = opened
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary("/chartly.v1.AggregatorService/PostResult")(
                request_bytes, metadata=((HEADER, tokens.mint(OPERATOR)),)
            )

    failure = decode(refused.value, "aggregator")
    assert (failure.remote_code, failure.remote_reason) == (3, "INVALID_REQUEST")
    assert [violation.field for violation in failure.violations] == [field]
    assert "Error" not in (refused.value.details() or "")


async def test_each_message_of_a_stream_is_checked(address: str, tokens: InternalTokens) -> None:
    """Messages before an invalid one reach the handler; the invalid one ends the call."""

    async def messages() -> AsyncIterator[connector_hub_pb2.IngestStreamRequest]:
        yield connector_hub_pb2.IngestStreamRequest(source_id="sales")
        yield connector_hub_pb2.IngestStreamRequest(source_id="s" * 100_000)

    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = connector_hub_pb2_grpc.ConnectorHubServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.IngestStream(messages(), metadata=((HEADER, tokens.mint(OPERATOR)),))

    failure = decode(refused.value, "connector_hub")
    assert (failure.remote_reason, [violation.field for violation in failure.violations]) == ("INVALID_REQUEST", ["source_id"])
    assert Hub.received == ["sales"]


@pytest.mark.causes_internal
async def test_bug_is_internal_and_says_no_more(clients: Clients) -> None:
    """An unexpected error is INTERNAL with an incident id; only the log has the traceback."""
    with pytest.raises(RemoteError) as failed:
        await clients.acting(OPERATOR).gateway.GetReadiness(gateway_pb2.GetReadinessRequest())

    assert (failed.value.remote_code, failed.value.remote_reason) == (13, "INTERNAL")
    assert failed.value.metadata["incident_id"] in str(failed.value)
    assert "customer" not in f"{failed.value} {failed.value.metadata}"


async def test_failed_stream_has_its_reason(clients: Clients) -> None:
    """Messages before the error arrive, and the error has its reason."""
    stream = aiter(clients.acting(OPERATOR).orchestrator.WatchRun(orchestrator_pb2.WatchRunRequest()))

    assert await anext(stream) == orchestrator_pb2.WatchRunResponse()
    with pytest.raises(RemoteError) as failed:
        await anext(stream)
    assert (failed.value.remote_reason, failed.value.metadata) == ("RUN_UNKNOWN", {"run_id": "r1"})


async def test_handler_runs_within_scope_trace_and_deadline(address: str, tokens: InternalTokens) -> None:
    """A handler has the caller's tenant, request, job and trace, and a default deadline if the call has none."""
    metadata = (
        (HEADER, tokens.mint(OPERATOR)),
        ("x-request-id", "request-1"),
        ("x-chartly-run-id", "job-1"),
        ("traceparent", TRACEPARENT),
    )
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = gateway_pb2_grpc.GatewayServiceStub(channel)
        answer = await stub.GetStatus(gateway_pb2.GetStatusRequest(), metadata=metadata)

    assert answer.version == "t/p request-1 job-1 0af7651916cd43dd8448eb211c80319c True"


async def test_public_method_has_an_anonymous_principal(address: str) -> None:
    """Without a token the principal of a public method is anonymous."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = gateway_pb2_grpc.GatewayServiceStub(channel)
        answer = await stub.GetHealth(gateway_pb2.GetHealthRequest())

    assert answer.status == "anonymous"


async def test_bad_token_is_refused_by_public_methods_too(address: str) -> None:
    """A public method refuses an invalid token."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = gateway_pb2_grpc.GatewayServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.GetHealth(gateway_pb2.GetHealthRequest(), metadata=((HEADER, "a.b.c"),))

    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_call_without_a_deadline_ends_all_the_same(address: str) -> None:
    """A call without a deadline ends at the default one with its reason."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = gateway_pb2_grpc.GatewayServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as late:
            await stub.GetReadiness(gateway_pb2.GetReadinessRequest())

    assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "exceeded the time limit" in (late.value.details() or "")


async def test_deadline_of_a_client_does_not_extend_a_call(address: str, tokens: InternalTokens) -> None:
    """A call whose client sets a later deadline ends at the service's, and so do its calls to other services."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = gateway_pb2_grpc.GatewayServiceStub(channel)
        metadata = ((HEADER, tokens.mint(OPERATOR)), ("traceparent", TRACEPARENT))
        answer = await stub.GetStatus(gateway_pb2.GetStatusRequest(), metadata=metadata, timeout=600)
        with pytest.raises(grpc.aio.AioRpcError) as late:
            await stub.GetReadiness(gateway_pb2.GetReadinessRequest(), timeout=15)

    assert answer.version.endswith(" True")
    assert "exceeded the time limit" in (late.value.details() or "")


async def test_deadline_of_a_client_shortens_a_call(address: str) -> None:
    """A call ends at an earlier deadline of its client."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = gateway_pb2_grpc.GatewayServiceStub(channel)
        began = time.monotonic()
        with pytest.raises(grpc.aio.AioRpcError) as late:
            await stub.GetReadiness(gateway_pb2.GetReadinessRequest(), timeout=0.2)

    assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - began < 1


def test_timeout_of_a_client_is_within_the_limits(clients: Clients) -> None:
    """A service that asks for more time than the limit of a call gets the limit; one that asks for less gets what it asks for."""
    bound = Limits().rpc_deadline_s

    assert [clients.timeout_s("storage", None, asked) for asked in (None, bound + 1.0, 2.0)] == [bound, bound, 2.0]
