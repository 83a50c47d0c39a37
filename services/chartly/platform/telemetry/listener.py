"""``/metrics`` and ``/health`` of a process, over plain HTTP for scrapers and kubelets. It serves nothing else.

It needs no token: it listens on loopback unless configured otherwise, and shows no customer data.
"""

import asyncio
import contextlib
from collections.abc import Callable

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

# A scraper's request line and headers are smaller.
_REQUEST_BYTES_MAX = 16 * 1024
_REQUEST_TIMEOUT_S = 5


class Listener:
    """A minimal HTTP/1.1 server: one request for each connection."""

    def __init__(self, registry: CollectorRegistry, healthy: Callable[[], bool]) -> None:
        self._registry = registry
        self._healthy = healthy
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Listen. With port 0, take a free port; ``port`` returns it."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_REQUEST_BYTES_MAX)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port."""
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _REQUEST_TIMEOUT_S)
            writer.write(self._answer(head))
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    def _answer(self, head: bytes) -> bytes:
        verb, _, rest = head.partition(b" ")
        path = rest.split(b" ", 1)[0].split(b"?", 1)[0]
        if verb != b"GET":
            return _response("405 Method Not Allowed", "text/plain; charset=utf-8", b"GET only\n")
        if path == b"/metrics":
            return _response("200 OK", CONTENT_TYPE_LATEST, generate_latest(self._registry))
        if path == b"/health":
            healthy = self._healthy()
            body = b'{"status":"ok"}\n' if healthy else b'{"status":"not_serving"}\n'
            return _response("200 OK" if healthy else "503 Service Unavailable", "application/json", body)
        return _response("404 Not Found", "text/plain; charset=utf-8", b"/metrics or /health\n")


def _response(status: str, content_type: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body
