"""The process's bounded thread pool for blocking calls: SQLite, Arrow, fsync, the compiled core. Waiting calls are bounded too.

It is not asyncio's default executor, whose queue has no bound.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
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

    Use it from one event loop, which guards ``_held``: the number of calls that run or wait.
    """

    def __init__(self, threads: int, waiting_max: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="chartly-blocking")
        # A call is submitted when a thread is free. So the pool's own queue, which has no bound, keeps no cancelled call.
        self._free = asyncio.Semaphore(threads)
        self._held_max = threads + waiting_max
        self._waiting_max = waiting_max
        self._held = 0

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``function`` on a thread, in the caller's context (scope, trace), and return its result or raise its error.

        A cancelled caller returns at once. If its function still waits, the function is never run. If its function runs, it runs to
        its end, and counts to the bounds until then.

        Raises:
            BlockingQueueFull: too many calls wait. It is raised at once, so that overload shows early and not as a time-out.
        """
        if self._held >= self._held_max:
            raise BlockingQueueFull(self._waiting_max)
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()
        self._held += 1
        try:
            await self._free.acquire()
        except asyncio.CancelledError:
            self._held -= 1
            raise
        try:
            running = self._pool.submit(context.run, function, *args, **kwargs)
        except RuntimeError:  # closed
            self._count_end()
            raise
        answer: asyncio.Future[T] = loop.create_future()

        def ended(_: Future[T]) -> None:
            # Called on the thread. The loop is closed when its process ends without waiting for its threads.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._end, running, answer)

        running.add_done_callback(ended)
        try:
            return await answer
        except asyncio.CancelledError:
            running.cancel()  # in the moment between the submission and the start
            raise

    def _end(self, ended: Future[T], answer: asyncio.Future[T]) -> None:
        self._count_end()
        if answer.done():  # its caller was cancelled
            return
        failure = ended.exception()
        if failure is None:
            answer.set_result(ended.result())
        else:
            answer.set_exception(failure)

    def _count_end(self) -> None:
        self._held -= 1
        self._free.release()

    def close(self) -> None:
        """Wait for running calls, and refuse new ones."""
        self._pool.shutdown(wait=True, cancel_futures=True)
