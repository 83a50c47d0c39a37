"""Cuts JSON lines into pages at line ends: the hub for streams, the command line for files. Pure; it parses no line.

The cuts depend on the bytes alone, so a stream that is sent a second time has the same pages.
"""

from collections.abc import Iterator

_LINE_FEED = ord("\n")


class Cutter:
    """Cuts a stream of NDJSON into pages of about ``page_bytes`` and at most ``lines_max`` lines."""

    def __init__(self, page_bytes: int, line_bytes_max: int, lines_max: int) -> None:
        self._page_bytes = page_bytes
        self._line_bytes_max = line_bytes_max
        self._lines_max = lines_max
        self._held = bytearray()
        self._scanned = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Add the next bytes, and yield the pages that are full.

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
            yield self._cut(end)

    def rest(self) -> Iterator[bytes]:
        """Yield the last pages, at the stream's end."""
        while self._held:
            yield self._cut(len(self._held))

    def _cut(self, end: int) -> bytes:
        """Remove the page up to ``end``, or up to its last line within ``lines_max``."""
        lines = self._held.count(b"\n", 0, end) + (self._held[end - 1] != _LINE_FEED)
        if lines > self._lines_max:
            end = 0
            for _ in range(self._lines_max):
                end = self._held.index(b"\n", end) + 1
        page = bytes(self._held[:end])
        del self._held[:end]
        self._scanned = 0
        return page


class LineTooLong(Exception):
    """A line of a stream is longer than a push may be."""
