"""Messages between parent and child: a JSON object and some bytes, each after its length. It interprets neither."""

import struct
from typing import Any, BinaryIO

import orjson

HEAD = struct.Struct(">II")
# A query's answer at its bound fits many times, with JSON's overhead; a larger frame is a bug.
BYTES_MAX = 512 << 20


def pack(message: dict[str, Any], content: bytes = b"") -> bytes:
    """Return a frame's bytes."""
    text = orjson.dumps(message)
    return HEAD.pack(len(text), len(content)) + text + content


def read(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """Return the next frame; None at the end of the stream."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    text_bytes, content_bytes = HEAD.unpack(head)
    return orjson.loads(stream.read(text_bytes)), stream.read(content_bytes)
