"""Services on several hosts call each other over TCP with mutual TLS, as Envoy calls them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chartly.gateway.edge import Edge
from chartly.platform.config import Config, load
from chartly.platform.host import Host
from chartly.platform.paths import operator_token_path

NAME = "chartly.internal"


def certify(folder: Path, host: str) -> dict[str, Any]:
    """Make a CA and one certificate that all services share, for a DNS name or an address; return the configuration with their paths."""
    by_name = host == NAME
    name = x509.DNSName(NAME) if by_name else x509.IPAddress(ip_address(host))
    now = datetime.now(UTC)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test CA")])

    def builder(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(authority_name).public_key(public)
        made = made.serial_number(x509.random_serial_number())
        return made.not_valid_before(now - timedelta(minutes=5)).not_valid_after(now + timedelta(days=1))

    authority = (
        builder(authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)]), key.public_key())
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    made = {
        "ca": authority.public_bytes(serialization.Encoding.PEM),
        "certificate": certificate.public_bytes(serialization.Encoding.PEM),
        "key": private,
    }
    for name, content in made.items():
        (folder / f"{name}.pem").write_bytes(content)
    paths = {f"server.tls_{name}": str(folder / f"{name}.pem") for name in made}
    return paths | ({"server.tls_server_name": NAME} if by_name else {})


def ports(count: int, address: str) -> list[int]:
    """Return free ports of an address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sockets = [socket.create_server((address, 0), family=family) for _ in range(count)]
    found = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return found


@pytest.fixture(params=[NAME, "127.0.0.1", "::1"])
async def hosts(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Config, Edge]]:
    """The gateway and auth on two ports behind Envoy, all with mutual TLS by a DNS name or by addresses."""
    address = "127.0.0.1" if request.param == NAME else request.param
    gateway_port, auth_port = ports(2, address)
    shown = f"[{address}]" if ":" in address else address
    common = {
        "data_dir": str(tmp_path / "data"),
        "edge.port": 0,
        "server.addresses": {"gateway": f"{shown}:{gateway_port}", "auth": f"{shown}:{auth_port}"},
        **certify(tmp_path, request.param),
    }
    async with AsyncExitStack() as stack:
        for name, port in (("gateway", gateway_port), ("auth", auth_port)):
            config = load(environment={}, overrides={**common, "server.listen": f"{shown}:{port}"})
            await stack.enter_async_context(Host(config, [name]))
        seen = load(environment={}, overrides=common)
        edge = Edge(seen)
        stack.push_async_callback(edge.stop)
        await edge.start()
        yield seen, edge


async def test_calls_cross_hosts(hosts: tuple[Config, Edge]) -> None:
    """Calls from edge to auth and from edge over gateway to auth succeed with certificates at each hop."""
    config, edge = hosts
    headers = {"authorization": f"Bearer {operator_token_path(config).read_text().strip()}"}
    async with httpx.AsyncClient(base_url=edge.url, timeout=20) as client:
        received = (await client.get("/v1/auth/introspect", headers=headers)).json()
        services = (await client.get("/api/status", headers=headers)).json()["services"]

    assert received["principal"] == "user:operator"
    assert {"service": "auth", "status": "serving", "problem": ""} in services


async def test_client_without_a_certificate_is_refused(hosts: tuple[Config, Edge]) -> None:
    """A client without TLS, or with the right CA but no certificate, is refused."""
    config, _ = hosts
    address = config.server.addresses["auth"]
    authority = await asyncio.to_thread(Path(config.server.tls_ca).read_bytes)
    credentials = grpc.ssl_channel_credentials(authority)
    options = [("grpc.ssl_target_name_override", config.server.tls_server_name)] if config.server.tls_server_name else []
    for channel in (grpc.aio.insecure_channel(address), grpc.aio.secure_channel(address, credentials, options)):
        untyped: Any = channel
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await untyped.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=10)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        await channel.close(None)


async def test_unavailable_host_does_not_affect_others(hosts: tuple[Config, Edge]) -> None:
    """A service that never started is UNAVAILABLE as JSON, and the other services answer."""
    config, edge = hosts
    headers = {"authorization": f"Bearer {operator_token_path(config).read_text().strip()}"}
    async with httpx.AsyncClient(base_url=edge.url, timeout=20) as client:
        away = await client.get("/v1/profiles", headers=headers)
        health = await client.get("/health")

    assert (away.status_code, health.status_code) == (503, 200)
    assert away.json()["details"][0]["reason"] == "SERVICE_UNAVAILABLE"
