"""Messages between the host and its Ray driver: a pickled object and some raw bytes, each after its length.

Both processes run the same code as the same user, and only they hold the pipe; so pickle is as safe here as between Ray's own processes.
"""

import asyncio
import pickle
import struct
from typing import Any, BinaryIO

_HEAD = struct.Struct(">IQ")
HEAD_BYTES = _HEAD.size
CLUSTER = 0
"""The number of an answer about the cluster: it was joined, or why not. Answers to requests have the requests' numbers, from 1."""
# An answer has counts and file names, or an error.
ANSWER_BYTES_MAX = 4 << 20


class FrameTooLarge(Exception):
    """A message is larger than its bound."""


def pack(message: object, raw_bytes: int = 0) -> bytes:
    """Return a message with its head; so many raw bytes follow it."""
    text = pickle.dumps(message)
    return _HEAD.pack(len(text), raw_bytes) + text


def pack_answer(answer: object) -> bytes:
    """Return an answer with its head.

    Raises:
        FrameTooLarge: it is larger than ``ANSWER_BYTES_MAX``.
    """
    frame = pack(answer)
    if len(frame) > HEAD_BYTES + ANSWER_BYTES_MAX:
        raise FrameTooLarge
    return frame


def read_request(stream: BinaryIO) -> tuple[Any, bytes] | None:
    """Return the next request with its raw bytes; None at the end of the stream."""
    head = stream.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES:
        return None
    text_bytes, raw_bytes = _HEAD.unpack(head)
    text, raw = stream.read(text_bytes), stream.read(raw_bytes)
    if len(text) < text_bytes or len(raw) < raw_bytes:
        return None
    return pickle.loads(text), raw  # noqa: S301 - from the parent process


async def read_answer(stream: asyncio.StreamReader) -> Any:
    """Return the next answer.

    Raises:
        IncompleteReadError: the stream has ended.
        FrameTooLarge: the answer is larger than its bound.
    """
    text_bytes, _ = _HEAD.unpack(await stream.readexactly(HEAD_BYTES))
    if text_bytes > ANSWER_BYTES_MAX:
        raise FrameTooLarge
    return pickle.loads(await stream.readexactly(text_bytes))  # noqa: S301 - from our own child
