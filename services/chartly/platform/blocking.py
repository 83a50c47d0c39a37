"""The process's bounded thread pool for blocking calls: SQLite, Arrow, fsync, the compiled core. Waiting calls are bounded too.

It is not asyncio's default executor, whose queue has no bound.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from .errors import ResourceExhausted, error

P = ParamSpec("P")
T = TypeVar("T")


@error(reason="QUEUE_FULL")
class BlockingQueueFull(ResourceExhausted):
    """Too many blocking calls wait in this process; retry later."""

    waiting_max: int


class Blocking:
    """Runs functions on threads: at most ``threads`` at a time, and at most ``waiting_max`` waiting.

    Use it from one event loop, which guards ``_running``.
    """

    def __init__(self, threads: int, waiting_max: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="chartly-blocking")
        self._held_max = threads + waiting_max
        self._waiting_max = waiting_max
        self._running = 0

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``function`` on a thread, in the caller's context (scope, trace), and return its result or raise its error.

        A cancelled caller returns at once; the function still runs to its end.

        Raises:
            BlockingQueueFull: too many calls wait. It is raised at once, so that overload shows early and not as a time-out.
        """
        if self._running >= self._held_max:
            raise BlockingQueueFull(self._waiting_max)
        context = contextvars.copy_context()
        self._running += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, lambda: context.run(function, *args, **kwargs))
        future.add_done_callback(self._done)
        return await future

    def _done(self, _: object) -> None:
        self._running -= 1

    def close(self) -> None:
        """Wait for running calls, and refuse new ones."""
        self._pool.shutdown(wait=True, cancel_futures=True)
