"""Writes bytes into the raw plane. It retries for a while when the store is away or full: a new fetch or push would cost more."""

import time

from chartly.platform.errors import RemoteError
from chartly.platform.retry import retrying
from chartly.platform.rpc.blob_stream import blob_messages
from chartly.platform.rpc.clients import Clients
from chartly.v1 import common_pb2

# A store that restarts is back within a few seconds; a longer absence is for the caller to handle.
_PAUSE_S, _PAUSE_S_MAX = 0.1, 1.0


def store_is_away(refused: RemoteError) -> bool:
    """Return whether the store is away or full, so that a retry may succeed."""
    return refused.is_away or refused.is_full


async def write_blob(clients: Clients, body: bytes, content_type: str, source_id: str, patience_s: float) -> common_pb2.RawRef:
    """Store bytes durably, and return the reference to them.

    Raises:
        RemoteError: the store refused, or was away for ``patience_s``.
    """
    ends = time.monotonic() + patience_s

    def retries(failure: Exception) -> bool:
        if not (isinstance(failure, RemoteError) and store_is_away(failure)):
            return False
        return time.monotonic() + max(_PAUSE_S, failure.retry_after_s or 0.0) < ends

    async for attempt in retrying(wait_s_max=_PAUSE_S_MAX, retries=retries):
        with attempt:
            left_s = max(ends - time.monotonic(), _PAUSE_S)
            return (await clients.blob.PutBlob(blob_messages(body, content_type, source_id), timeout=left_s)).raw
    raise AssertionError  # the attempts end by a result or by the last error
