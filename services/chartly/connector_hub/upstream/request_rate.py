"""How often a source is asked: a moving window over its requests, shared by all syncs of the source in this process."""

import asyncio
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class RequestRates:
    """The request rates of all sources of this process; one entry for each source that is synced."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def of(self, project: str, source_id: str, requests_per_minute: int) -> "RequestRate":
        """Return the rate of one source of one project."""
        return RequestRate(self._limiter, RateLimitItemPerMinute(requests_per_minute), (project, source_id))


class RequestRate:
    """Delays requests of one source to its rate."""

    def __init__(self, limiter: MovingWindowRateLimiter, rate: RateLimitItemPerMinute, key: tuple[str, str]) -> None:
        self._limiter = limiter
        self._rate = rate
        self._key = key

    async def wait(self) -> None:
        """Return once a request may be sent; several waiters go in the order in which the window frees."""
        while not self._limiter.hit(self._rate, *self._key):
            reset_at_s = self._limiter.get_window_stats(self._rate, *self._key).reset_time
            # The library reports wall-clock time; the floor keeps a step of the clock from a busy loop.
            await asyncio.sleep(max(0.01, reset_at_s - time.time()))
