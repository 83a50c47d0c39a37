"""Cuts JSON lines into pieces at line ends: the hub for streams, the command line for files. Pure; it reads no line.

Both cut alike, and depend on the bytes alone: who sends again sends the same pieces.
"""

from collections.abc import Iterator


class Cutter:
    """Cuts a stream of NDJSON into pages at line ends. The cuts depend on the bytes alone, not on how they came."""

    def __init__(self, page_bytes: int, line_bytes_max: int) -> None:
        self._page_bytes = page_bytes
        self._line_bytes_max = line_bytes_max
        self._held = bytearray()
        self._scanned = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next bytes in, and give the pages that are full.

        Raises:
            LineTooLong: a line has no end within its bound.
        """
        self._held += data
        while len(self._held) >= self._page_bytes:
            # The last line end within the page, else the first behind it: a long line is a page of its own.
            end = self._held.rfind(b"\n", 0, self._page_bytes) + 1
            if not end:
                end = self._held.find(b"\n", max(self._page_bytes, self._scanned)) + 1
            if max(end, len(self._held) if not end else 0) > self._line_bytes_max:
                raise LineTooLong
            if not end:
                self._scanned = len(self._held)
                return
            yield bytes(self._held[:end])
            del self._held[:end]
            self._scanned = 0

    def rest(self) -> bytes:
        """Give what is left at the stream's end."""
        return bytes(self._held)


class LineTooLong(Exception):
    """A line of a stream is longer than a push may be."""
