"""Writes bytes into the raw plane. It retries for a while when the store is away or full: a new fetch or push would cost more."""

import asyncio
import time

from chartly.platform.errors import RemoteError
from chartly.platform.rpc.blob_stream import blob_messages
from chartly.platform.rpc.clients import Clients
from chartly.v1 import common_pb2

# A store that restarts is back within a few seconds; a longer absence is for the caller to handle.
_PAUSE_S, _PAUSE_S_MAX = 0.1, 1.0
# google.rpc codes of a store that is away or full: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE.
_AWAY = frozenset({4, 8, 14})
_FINAL_REASONS = frozenset({"PAYLOAD_TOO_LARGE"})


def store_is_away(refused: RemoteError) -> bool:
    """Whether a retry may succeed where the store has refused."""
    return refused.remote_code in _AWAY and refused.remote_reason not in _FINAL_REASONS


async def write_blob(clients: Clients, body: bytes, content_type: str, source_id: str, patience_s: float) -> common_pb2.RawRef:
    """Store bytes durably, and return the reference to them.

    Raises:
        RemoteError: the store refused, or was away for ``patience_s``.
    """
    ends, pause_s = time.monotonic() + patience_s, _PAUSE_S
    while True:
        left_s = max(ends - time.monotonic(), _PAUSE_S)
        try:
            return (await clients.blob.PutBlob(blob_messages(body, content_type, source_id), timeout=left_s)).raw
        except RemoteError as refused:
            if not store_is_away(refused) or time.monotonic() + pause_s >= ends:
                raise
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, _PAUSE_S_MAX)
