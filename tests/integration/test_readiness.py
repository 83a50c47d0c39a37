"""Readiness while stores and keys are not as they must be: the state of the installation, and the next step."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import make_url

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.rpc.clients import Clients
from chartly.v1 import gateway_pb2
from tests.e2e.reader import free_port

from .platform.postgresql import INSTALLED, server
from .storage import s3_server

StartHost = Callable[..., Awaitable[Host]]
SCOPE = Scope.service("test", "tenant-demo", "proj-sales")


async def problems(clients: Clients) -> str:
    """Return the message of a refused readiness request; empty when the installation is ready."""
    try:
        await clients.gateway.GetReadiness(gateway_pb2.GetReadinessRequest())
    except RemoteError as refused:
        return refused.remote_message
    return ""


async def until(clients: Clients, *texts: str) -> None:
    """Wait until readiness is refused with all the texts; without texts, until it is given."""
    found = ""
    try:
        async with asyncio.timeout(60):
            while True:
                found = await problems(clients)
                if bool(found) == bool(texts) and all(text in found for text in texts):
                    return
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(found) from None


class Relay:
    """Forwards connections to a server on loopback, until it is closed or falls silent."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._open = asyncio.Event()
        self._open.set()
        self._refuses = False
        self._writers: set[asyncio.StreamWriter] = set()

    def close(self) -> None:
        """Reset all connections, and new ones."""
        self._refuses = True
        for writer in self._writers:
            writer.transport.abort()

    def silence(self) -> None:
        """Keep all connections, and forward nothing."""
        self._open.clear()

    def open(self) -> None:
        """Forward everything."""
        self._refuses = False
        self._open.set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection in both directions."""
        if self._refuses:
            writer.transport.abort()
            return
        target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        self._writers |= {writer, target_writer}
        await asyncio.gather(self._forward(reader, target_writer), self._forward(target_reader, writer))
        self._writers -= {writer, target_writer}

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


@pytest.fixture(scope="module")
def postgresql() -> Generator[str]:
    """A PostgreSQL server."""
    pytest.importorskip("psycopg", reason="the extra chartly[postgresql]")
    if not INSTALLED:
        pytest.skip("no PostgreSQL server is installed")
    with server() as url:
        yield url


@pytest.fixture
async def relay(postgresql: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay before the database, and the URL that leads through it."""
    url, port = make_url(postgresql), free_port()
    assert url.port is not None
    made = Relay(url.port)
    listening = await asyncio.start_server(made.accept, "127.0.0.1", port)
    yield made, url.set(port=port).render_as_string(hide_password=False)
    made.close()
    listening.close()


async def test_database_that_refuses_connections_makes_its_services_unready(relay: tuple[Relay, str], start_host: StartHost) -> None:
    """While PostgreSQL is away, services that use it are not ready and say so; others stay ready; all are ready when it is back."""
    database, url = relay
    with scoped(SCOPE):
        clients = (await start_host("gateway", "registry", "normalizer", metadata__url=url)).clients("test")
        await until(clients)
        database.close()
        await until(clients, "registry: The metadata database does not answer")
        assert "normalizer" not in await problems(clients)
        database.open()
        await until(clients)


async def test_database_that_is_silent_makes_its_services_unready(relay: tuple[Relay, str], start_host: StartHost) -> None:
    """A database that keeps its connections and answers nothing is noticed within seconds."""
    database, url = relay
    with scoped(SCOPE):
        clients = (await start_host("gateway", "registry", metadata__url=url)).clients("test")
        await until(clients)
        database.silence()
        await until(clients, "registry: The metadata database has not answered for 5 s")
        database.open()
        await until(clients)


@pytest.mark.skipif(not s3_server.INSTALLED, reason="versitygw is not installed")
async def test_object_store_that_is_away_makes_storage_unready(start_host: StartHost, tmp_path: Path) -> None:
    """While S3 is away storage is not ready and says so; it is ready when the store is back."""
    port = free_port()
    with scoped(SCOPE):
        with s3_server.s3_server(tmp_path / "s3", port) as store:
            clients = (await start_host("gateway", "storage", limits__rpc_deadline_s=4, **store.settings())).clients("test")
            await until(clients)
        await until(clients, "storage: The object store")
        with s3_server.s3_server(tmp_path / "s3", port):
            await until(clients)


async def test_processes_with_different_keys_are_not_ready(start_host: StartHost, tmp_path: Path) -> None:
    """A service of another data directory without the shared key is not ready, with the setting to change; with the key it is."""
    address = f"127.0.0.1:{free_port()}"
    key = base64.b64encode(bytes(32)).decode()
    with scoped(SCOPE):
        other = await start_host("registry", data_dir=str(tmp_path / "other"), server__listen=address)
        clients = (await start_host("gateway", server__addresses={"registry": address})).clients("test")
        await until(clients, "registry:", "Set auth.internal_key to the same value")
        await other.stop()

        await start_host("registry", data_dir=str(tmp_path / "third"), server__listen=address, auth__internal_key=key)
        shared = await start_host(
            "gateway", data_dir=str(tmp_path / "fourth"), server__addresses={"registry": address}, auth__internal_key=key
        )
        await until(shared.clients("test"))


async def test_audit_that_is_away_makes_the_installation_unready(start_host: StartHost, tmp_path: Path) -> None:
    """While the ledger's own process is away readiness is refused with its name; it is given once the process is back."""
    address = f"127.0.0.1:{free_port()}"
    key = base64.b64encode(bytes(32)).decode()
    audit = {"data_dir": str(tmp_path / "audit"), "server__listen": address, "auth__internal_key": key}
    with scoped(SCOPE):
        first = await start_host("audit", **audit)
        clients = (await start_host("gateway", server__addresses={"audit": address}, auth__internal_key=key)).clients("test")
        await until(clients)
        await first.stop()
        await until(clients, "audit: unreachable")
        await start_host("audit", **audit)
        await until(clients)
