"""Bounds how many pushes are stored at once, and how many bytes of them are in memory. It stores none itself.

A push waits for a free slot, which slows its client. A push that would wait too long or take too much memory is refused at once.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from chartly.connector_hub.domain.inbox_bounds import retry_after_s
from chartly.connector_hub.errors import PushesWaiting, StoreBehind


@asynccontextmanager
async def answered_within(seconds: float) -> AsyncGenerator[None]:
    """Bound how long a block may take, so that a push is acknowledged or refused within a known time.

    Raises:
        StoreBehind: it took longer. What was stored meanwhile is found when the client sends the push again.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as late:
        raise StoreBehind("it took longer than push_answer_s", retry_after_s=retry_after_s()) from late


class Admission:
    """Admits pushes in the order of arrival. Used from one event loop."""

    def __init__(self, storing_max: int, pushes_max: int, bytes_max: int, wait_s: float) -> None:
        self._slots = asyncio.Semaphore(storing_max)
        self._pushes_max = pushes_max
        self._bytes_max = bytes_max
        self._wait_s = wait_s
        self._bytes = 0
        self.held = 0
        """Pushes that are being stored or wait for a slot."""

    @asynccontextmanager
    async def slot(self, size_bytes: int) -> AsyncGenerator[None]:
        """Reserve a slot while the block runs.

        Raises:
            PushesWaiting: too many pushes or bytes are in memory, or no slot was free in time.
        """
        if self.held >= self._pushes_max:
            raise PushesWaiting("pushes", self._pushes_max, retry_after_s=retry_after_s())
        if self.held and self._bytes + size_bytes > self._bytes_max:
            raise PushesWaiting("bytes", self._bytes_max, retry_after_s=retry_after_s())
        self._bytes += size_bytes
        self.held += 1
        try:
            try:
                async with asyncio.timeout(self._wait_s):
                    await self._slots.acquire()
            except TimeoutError as late:
                raise PushesWaiting("seconds", int(self._wait_s), retry_after_s=retry_after_s()) from late
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._bytes -= size_bytes
            self.held -= 1
