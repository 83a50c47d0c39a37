"""Undo the content codings of pushes, with errors for their clients."""

import sys
from collections.abc import Generator

from chartly.connector_hub.domain.content_coding import ACCEPTED, BodyBroken, CodingUnknown, Unpacker, UnpacksTooLarge, codings, unpack
from chartly.connector_hub.errors import PushTooLarge
from chartly.platform.errors import FieldViolation, InvalidRequest


def body_codings(content_encoding: str) -> tuple[str, ...]:
    """Return the codings of a push.

    Raises:
        InvalidRequest: one of them is not undone.
    """
    try:
        return codings(content_encoding)
    except CodingUnknown as unknown:
        raise _coding_refused(f"must name at most four of {', '.join(ACCEPTED)}") from unknown


def stream_codings(content_encoding: str) -> tuple[str, ...]:
    """Return the coding of a stream. Only one is undone: how far several unpack has no bound in a stream of any length.

    Raises:
        InvalidRequest: it is not undone, or there are several.
    """
    found = body_codings(content_encoding)
    if len(found) > 1:
        raise _coding_refused(f"must name one of {', '.join(ACCEPTED)} for a stream")
    return found


def unpacked_push(source_id: str, body: bytes, applied: tuple[str, ...], bytes_max: int) -> bytes:
    """Return what a push unpacks to.

    Raises:
        InvalidRequest: the body is broken or not whole.
        PushTooLarge: it unpacks to more than ``bytes_max``.
    """
    try:
        return unpack(body, applied, bytes_max)
    except BodyBroken as broken:
        raise _body_refused(broken) from broken
    except UnpacksTooLarge as large:
        raise PushTooLarge(source_id, bytes_max) from large


class StreamUnpacker:
    """Undoes the coding of a stream."""

    def __init__(self, applied: tuple[str, ...]) -> None:
        self._unpacker = Unpacker(applied, sys.maxsize)

    def feed(self, data: bytes) -> Generator[bytes]:
        """Return what the next bytes unpack to, in pieces.

        Raises:
            InvalidRequest: they break a rule of the coding.
        """
        try:
            yield from self._unpacker.feed(data)
        except BodyBroken as broken:
            raise _body_refused(broken) from broken

    def finish(self) -> None:
        """Check that the stream was whole.

        Raises:
            InvalidRequest: it ends too early.
        """
        try:
            self._unpacker.finish()
        except BodyBroken as broken:
            raise _body_refused(broken) from broken


def _body_refused(broken: BodyBroken) -> InvalidRequest:
    return InvalidRequest(violations=(FieldViolation("body", f"must be whole, as its Content-Encoding says: {broken}"),))


def _coding_refused(rule: str) -> InvalidRequest:
    return InvalidRequest(violations=(FieldViolation("Content-Encoding", rule),))
