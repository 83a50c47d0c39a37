"""How fast a source is asked: a moving window over its requests, shared by all syncs of the source in this process."""

import asyncio
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class Paces:
    """The request rates of all sources of this process; bounded by the sources that are synced."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def of(self, project: str, source_id: str, requests_per_minute: int) -> "Pace":
        """Give the pace of one source of one project."""
        return Pace(self._limiter, RateLimitItemPerMinute(requests_per_minute), (project, source_id))


class Pace:
    """Lets requests of one source through at its rate."""

    def __init__(self, limiter: MovingWindowRateLimiter, rate: RateLimitItemPerMinute, key: tuple[str, str]) -> None:
        self._limiter = limiter
        self._rate = rate
        self._key = key

    async def wait(self) -> None:
        """Return once a request may go; several waiters go in the order in which the window frees."""
        while not self._limiter.hit(self._rate, *self._key):
            reset_at_s = self._limiter.get_window_stats(self._rate, *self._key).reset_time
            # Limits reports wall-clock time; a floor keeps a clock step from spinning.
            await asyncio.sleep(max(0.01, reset_at_s - time.time()))
