"""A server that answers with bytes of a test's own, for answers that no HTTP library would send."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

Answer = Callable[[str, int], bytes]
"""From the request's head and the number of requests before it, the bytes to send; the connection is closed after them."""


@asynccontextmanager
async def raw_server(answer: Answer) -> AsyncGenerator[str]:
    """Serve on loopback until the block ends; yield the URL."""
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(answer(head.decode("latin-1"), asked))
            asked += 1
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    async with server:
        yield f"http://{host}:{port}"


def response(status: int, body: bytes, **headers: str) -> bytes:
    """Return an HTTP answer; ``Content_Length="-"`` leaves the length out, so that the body ends with the connection."""
    declared = headers.pop("Content_Length", str(len(body)))
    lines = [f"HTTP/1.1 {status} Status", "Content-Type: application/json", "Connection: close"]
    if declared != "-" and status != 204:
        lines.append(f"Content-Length: {declared}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
