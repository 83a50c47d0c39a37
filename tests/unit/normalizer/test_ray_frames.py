"""Messages between the host and its Ray driver have bounds, and end with the stream."""

import asyncio
import io
import struct

import pytest

from chartly.normalizer.engine import ray_frames as frames


async def test_answer_at_the_bound_passes_and_a_longer_one_is_refused_by_both_sides() -> None:
    """Four MiB of pickled bytes pass; one more is neither sent nor read."""
    overhead = len(frames.pack(b"x" * frames.ANSWER_BYTES_MAX)) - frames.HEAD_BYTES - frames.ANSWER_BYTES_MAX
    longest = b"x" * (frames.ANSWER_BYTES_MAX - overhead)
    stream = asyncio.StreamReader()
    stream.feed_data(frames.pack_answer(longest))
    assert await frames.read_answer(stream) == longest
    with pytest.raises(frames.FrameTooLarge):
        frames.pack_answer(longest + b"x")
    stream.feed_data(frames.pack(longest + b"x"))
    with pytest.raises(frames.FrameTooLarge):
        await frames.read_answer(stream)


def test_request_has_its_raw_bytes() -> None:
    """Two requests in a row are read with their own bytes, and then the stream has ended."""
    stream = io.BytesIO(frames.pack((1, "a"), 2) + b"\0\1" + frames.pack((2, "b")))
    assert frames.read_request(stream) == ((1, "a"), b"\0\1")
    assert frames.read_request(stream) == ((2, "b"), b"")
    assert frames.read_request(stream) is None


@pytest.mark.parametrize("missing", [1, 3, 8])
def test_request_that_was_cut_off_is_the_end(missing: int) -> None:
    """A host that died while it wrote leaves no half request."""
    whole = frames.pack((1, "a"), 2) + b"\0\1"
    assert frames.read_request(io.BytesIO(whole[:-missing])) is None


async def test_end_of_the_answers_is_an_error() -> None:
    """A driver that died while it wrote leaves no half answer."""
    stream = asyncio.StreamReader()
    stream.feed_data(struct.pack(">IQ", 10, 0) + b"half")
    stream.feed_eof()
    with pytest.raises(asyncio.IncompleteReadError):
        await frames.read_answer(stream)
