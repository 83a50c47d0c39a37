"""Messages between parent and child: a JSON object and some bytes, each with its length before it. It interprets neither."""

import struct
from typing import Any, BinaryIO

import orjson

HEAD = struct.Struct(">II")
# A query's answer at its bound with JSON's overhead fits many times; more is a fault of ours.
BYTES_MAX = 512 << 20


def pack(message: dict[str, Any], content: bytes = b"") -> bytes:
    """Write a frame."""
    text = orjson.dumps(message)
    return HEAD.pack(len(text), len(content)) + text + content


def read(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """Read a frame; None at the stream's end."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    text_bytes, content_bytes = HEAD.unpack(head)
    return orjson.loads(stream.read(text_bytes)), stream.read(content_bytes)
