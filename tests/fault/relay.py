"""A TCP relay between drones and the host of the data plane. Cutting its connections cancels all calls that are under way.

For the host this is a client that disconnects: the handler of every open call is cancelled. The client's calls end as UNAVAILABLE.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

_READ_BYTES = 65_536


class Relay:
    """Forwards bytes between its clients and one address on loopback. It is used from one event loop."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def connected(self) -> int:
        """The number of connections."""
        return len(self._writers) // 2

    def cut(self) -> None:
        """Reset all connections."""
        for writer in self._writers:
            writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection in both directions until either side closes it."""
        try:
            target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:  # the host is being started
            writer.transport.abort()
            return
        self._writers |= {writer, target_writer}
        try:
            await asyncio.gather(_forward(reader, target_writer), _forward(target_reader, writer))
        finally:
            self._writers -= {writer, target_writer}


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_READ_BYTES):
            writer.write(data)
            await writer.drain()
    # The other direction of this connection ends too: its reader reaches the end.
    writer.transport.abort()


@contextlib.asynccontextmanager
async def relaying(port: int, target_port: int) -> AsyncGenerator[Relay]:
    """Relay from ``port`` to ``target_port`` until the block ends."""
    relay = Relay(target_port)
    server = await asyncio.start_server(relay.accept, "127.0.0.1", port)
    try:
        yield relay
    finally:
        relay.cut()
        server.close()
