"""Undo the content codings of a body (RFC 9110 §8.4.1), piece by piece and strictly. Pure.

Half a body must never look like a whole one. So a body that ends too early, has a wrong checksum, or continues after its end is an error.
A gzip body may have several members (RFC 1952 §2.2); all are read.
"""

import zlib
from collections.abc import Generator, Iterable
from typing import Protocol

ACCEPTED = ("gzip", "x-gzip", "deflate")
"""The codings that are undone, in addition to ``identity``; several may be stacked."""

_STACKED_MAX = 4
# Unpacked bytes that are in memory at once.
_PIECE_BYTES = 64 * 1024
# Input that a member is given at once. zlib copies what follows a member's end, so the window begins small and doubles.
_WINDOW_BYTES, _WINDOW_BYTES_MAX = 256, 64 * 1024
# A member for every 64 KiB, as block-wise gzip has, of the largest body. Empty members would cost time without any output.
_MEMBERS_MAX = 8_192
_DEFLATE_METHOD, _DEFLATE_WINDOW_MAX = 8, 7


class CodingUnknown(Exception):
    """A body has a content coding that is not undone."""

    def __init__(self, coding: str) -> None:
        super().__init__(f"content coding {coding[:64]!r} is not one of {', '.join(ACCEPTED)}")


class BodyBroken(Exception):
    """A coded body is not whole, or not what its coding says."""


class UnpacksTooLarge(Exception):
    """A coded body unpacks to more bytes than allowed."""


def codings(header: str) -> tuple[str, ...]:
    """Return the codings of a ``Content-Encoding`` header in the order in which they were applied.

    Raises:
        CodingUnknown: one of them is not undone, or there are too many.
    """
    names = tuple(name for part in header.split(",") if (name := part.strip().lower()) and name != "identity")
    for name in names:
        if name not in ACCEPTED:
            raise CodingUnknown(name)
    if len(names) > _STACKED_MAX:
        raise CodingUnknown(", ".join(names))
    return tuple(name.removeprefix("x-") for name in names)


class Unpacker:
    """Undoes the codings of one body. Without codings, it returns the body as it is."""

    def __init__(self, applied: Iterable[str], bytes_max: int) -> None:
        """Begin a body.

        Args:
            applied: what ``codings`` returned.
            bytes_max: the most bytes that the body may unpack to.
        """
        self._layers = [_Layer(coding) for coding in reversed(tuple(applied))]
        self._bytes_max = bytes_max
        self._bytes = 0

    def feed(self, data: bytes) -> Generator[bytes]:
        """Return what the next bytes of the body unpack to, in pieces.

        Raises:
            BodyBroken: the bytes break a rule of their coding.
            UnpacksTooLarge: the body unpacks to more than its bound.
        """
        for piece in self._through(self._layers, data):
            self._bytes += len(piece)
            if self._bytes > self._bytes_max:
                raise UnpacksTooLarge
            yield piece

    def finish(self) -> None:
        """Check that the body was whole.

        Raises:
            BodyBroken: it ends too early.
        """
        for layer in self._layers:
            layer.finish()

    def _through(self, layers: list["_Layer"], data: bytes) -> Generator[bytes]:
        if not layers:
            if data:
                yield data
            return
        layer, inner = layers[0], layers[1:]
        for piece in layer.feed(data):
            # A bomb of several layers must end too: what is packed once more is not much longer than what it unpacks to.
            if inner and layer.bytes > 2 * self._bytes_max + _PIECE_BYTES:
                raise UnpacksTooLarge
            yield from self._through(inner, piece)


def unpack(body: bytes, applied: Iterable[str], bytes_max: int) -> bytes:
    """Undo the codings of a whole body.

    Raises:
        BodyBroken, UnpacksTooLarge: as ``Unpacker`` does.
    """
    unpacker = Unpacker(applied, bytes_max)
    unpacked = b"".join(unpacker.feed(body))
    unpacker.finish()
    return unpacked


class _Stream(Protocol):
    """What ``zlib.decompressobj`` returns; its class has no public name."""

    @property
    def eof(self) -> bool: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


class _Layer:
    """One coding of a body."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._stream: _Stream | None = None
        self._members = 0
        self.bytes = 0
        """Unpacked so far."""

    def feed(self, data: bytes) -> Generator[bytes]:
        at, window = 0, _WINDOW_BYTES
        unpacked = b""
        # A piece of full length may have more behind it, even when all input is read.
        while at < len(data) or len(unpacked) == _PIECE_BYTES:
            if self._stream is None:
                if at == len(data):
                    return
                self._stream = self._begin(data[at])
            given = data[at : at + window]
            try:
                unpacked = self._stream.decompress(given, _PIECE_BYTES)
            except zlib.error as broken:
                raise BodyBroken(f"the {self._coding} body is broken: {broken}") from broken
            # At the end zlib reports the rest in one of them or in both.
            rest = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            at += len(given) - len(rest)
            window = min(2 * window, _WINDOW_BYTES_MAX)
            if self._stream.eof:
                self._stream, window = None, _WINDOW_BYTES
            if unpacked:
                self.bytes += len(unpacked)
                yield unpacked

    def finish(self) -> None:
        if self._stream is not None or not self._members:
            raise BodyBroken(f"the {self._coding} body ends before its end")

    def _begin(self, first: int) -> "_Stream":
        self._members += 1
        if self._coding == "gzip":
            if self._members > _MEMBERS_MAX:
                raise BodyBroken(f"the gzip body has more than {_MEMBERS_MAX} members")
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        if self._members > 1:
            raise BodyBroken("the deflate body continues after its end")
        # RFC 9110 means zlib's format (RFC 1950); some servers send the bare one (RFC 1951), as RFC 9110 notes.
        has_header = first & 0xF == _DEFLATE_METHOD and first >> 4 <= _DEFLATE_WINDOW_MAX
        return zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
