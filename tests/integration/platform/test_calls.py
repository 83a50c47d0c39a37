"""What the interceptor does around every handler: identity, permission, deadline, status. A real host over its real socket."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chartly.platform.config import Config
from chartly.platform.errors import RemoteError
from chartly.platform.host import AddressTaken, DataFolderUnwritable, Host, ServiceNameUnknown, serve
from chartly.platform.identity.scope import NoScope, Scope, scoped
from chartly.platform.identity.tokens import HEADER
from chartly.platform.rpc.methods import Method, all_methods
from chartly.v1 import auth_pb2, gateway_pb2

VIEWER = Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"viewer"}), "request-1")
OURS = [method for method in all_methods().values() if method.service.endswith((".AuthService", ".GatewayService"))]

StartHost = Callable[..., Awaitable[Host]]


@pytest.fixture
async def host(start_host: StartHost) -> Host:
    """A host with the two services of the edge."""
    return await start_host("gateway", "auth")


@pytest.fixture
async def channel(host: Host) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to the internal socket without a token."""
    async with grpc.aio.insecure_channel(host.address) as opened:
        yield opened


async def call(channel: grpc.aio.Channel, path: str, *metadata: tuple[str, str]) -> grpc.StatusCode:
    """Call a method with an empty message; return the status."""
    untyped: Any = channel
    try:
        await untyped.unary_unary(path)(b"", metadata=metadata)
    except grpc.aio.AioRpcError as failure:
        return failure.code()
    return grpc.StatusCode.OK


@pytest.mark.parametrize("method", OURS, ids=lambda method: method.path)
async def test_internal_socket_asks_for_a_token_too(channel: grpc.aio.Channel, method: Method) -> None:
    """A call over the internal socket without a token is refused, except for public methods."""
    expected = grpc.StatusCode.OK if method.public else grpc.StatusCode.UNAUTHENTICATED

    assert await call(channel, method.path) is expected


async def test_forged_token_is_refused(channel: grpc.aio.Channel) -> None:
    """A call over the internal socket with a forged token is refused."""
    assert await call(channel, "/chartly.v1.GatewayService/GetStatus", (HEADER, "a.b.c")) is grpc.StatusCode.UNAUTHENTICATED


async def test_unknown_method_is_unimplemented(channel: grpc.aio.Channel) -> None:
    """A call of an unknown path is UNIMPLEMENTED."""
    assert await call(channel, "/chartly.v1.GatewayService/Nothing") is grpc.StatusCode.UNIMPLEMENTED


async def test_method_without_a_declared_permission_is_refused(host: Host, channel: grpc.aio.Channel) -> None:
    """A method that the protos don't declare is refused even with a valid token: reflection, debugging, an unknown service."""
    token = host.tokens.mint(Scope.service("gateway"))

    # Envoy's method has no permission in our protos and is let in by name; its sibling isn't.
    assert await call(channel, "/envoy.service.auth.v3.Authorization/Check") is grpc.StatusCode.OK
    assert await call(channel, "/envoy.service.auth.v3.Authorization/Other", (HEADER, token)) is grpc.StatusCode.UNIMPLEMENTED


async def test_role_without_the_permission_is_denied(host: Host) -> None:
    """A service checks the permission itself, whatever the edge has decided."""
    with scoped(VIEWER), pytest.raises(RemoteError) as refused:
        await host.clients("test").auth.ListTokens(auth_pb2.ListTokensRequest())

    assert (refused.value.remote_code, refused.value.remote_reason) == (7, "PERMISSION_DENIED")
    assert refused.value.metadata["permission"] == "auth.tokens.read"


async def test_caller_keeps_its_identity_across_services(host: Host) -> None:
    """A call that a handler makes carries the identity of the handler's caller."""
    with scoped(VIEWER):
        received = await host.clients("test").auth.Introspect(auth_pb2.IntrospectRequest())

    assert (received.principal, received.tenant_id, received.project_id, list(received.roles)) == (
        "user:ada",
        "tenant-demo",
        "proj-sales",
        ["viewer"],
    )


async def test_background_work_acts_as_its_service(host: Host) -> None:
    """Clients of ``acting`` need no caller and have the service's rights within one project."""
    clients = host.clients("orchestrator").acting(Scope.service("orchestrator", "t", "p"))

    received = await clients.auth.Introspect(auth_pb2.IntrospectRequest())

    assert (received.principal, received.tenant_id, list(received.roles)) == ("service:orchestrator", "t", ["service"])


async def test_call_without_identity_is_refused_before_it_is_sent(host: Host) -> None:
    """A call outside of a handler and of ``acting`` has no identity, and is refused before it is sent."""
    with pytest.raises(NoScope):
        await host.clients("test").gateway.GetStatus(gateway_pb2.GetStatusRequest())


async def test_health_is_by_service(channel: grpc.aio.Channel) -> None:
    """Health is known by the service's name and its proto services' names; a service of another host is NOT_FOUND."""
    health = health_pb2_grpc.HealthStub(channel)

    for name in ("chartly.v1.auth", "chartly.v1.AuthService"):
        answer = await health.Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    for name in ("chartly.v1.storage", "chartly.v1.BlobService"):
        with pytest.raises(grpc.aio.AioRpcError) as missing:
            await health.Check(health_pb2.HealthCheckRequest(service=name))
        assert missing.value.code() is grpc.StatusCode.NOT_FOUND


async def test_message_above_the_bound_is_refused(start_host: StartHost) -> None:
    """A received message of the bound's size passes; a larger one is refused."""
    host = await start_host("gateway", "auth", limits__rpc_message_bytes_max=2_000)
    channel: Any = grpc.aio.insecure_channel(host.address)

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await channel.unary_unary("/chartly.v1.AuthService/CreateToken")(b"\n\xd0\x0f" + b"x" * 2_000)

    await channel.close(None)
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_calls_are_counted_by_status(host: Host, channel: grpc.aio.Channel) -> None:
    """Request metrics have method and status code."""
    await call(channel, "/chartly.v1.GatewayService/GetStatus")

    labels = {"service": "chartly.v1.GatewayService", "method": "GetStatus", "code": "UNAUTHENTICATED"}
    assert host.metrics.get_sample_value("chartly_rpc_requests_total", labels) == 1
    assert host.metrics.get_sample_value("chartly_rpc_in_flight") == 0


async def test_second_host_on_the_same_directory_is_refused(host: Host) -> None:
    """A second host on the same data directory is refused, since gRPC would silently take over the first one's socket."""
    with pytest.raises(AddressTaken):
        await Host(host.config, ["gateway"]).start()

    assert (await host.clients("t").acting(VIEWER).gateway.GetHealth(gateway_pb2.GetHealthRequest())).status == "ok"


async def test_host_starts_again_where_one_died(start_host: StartHost) -> None:
    """A socket file that a crashed host left is replaced."""
    first = await start_host("gateway")
    await first.stop()
    path = first.address.removeprefix("unix:")
    server = await asyncio.start_unix_server(lambda _, writer: writer.close(), path)
    server.close()
    await server.wait_closed()

    second = await start_host("gateway")

    clients = second.clients("t").acting(VIEWER)
    assert (await clients.gateway.GetHealth(gateway_pb2.GetHealthRequest())).status == "ok"


def test_unknown_service_is_refused(make_config: Callable[..., Config]) -> None:
    """An unknown service name is refused before anything is opened."""
    with pytest.raises(ServiceNameUnknown):
        Host(make_config(), ["gatway"])


async def test_start_on_a_full_disk_names_the_folder(make_config: Callable[..., Config], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk nothing starts, and the error names the folder; with free space the host starts."""
    full = os.fsync

    def refuse(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    config = make_config()
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(DataFolderUnwritable) as refused:
        await serve(config, ["audit"])
    assert refused.value.path == str(config.data_path)
    monkeypatch.setattr(os, "fsync", full)
    async with Host(config, ["audit"]) as host:
        assert host.address
