"""One writer per dataset: calls on one dataset run one after the other, calls on different datasets at the same time.

Used from one event loop. A call that has started runs to its end even if its caller is cancelled: a thread can't be cancelled, and the next
call must not start while it writes.
"""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from chartly.platform.blocking import Blocking
from chartly.storage.model import DatasetKey

P = ParamSpec("P")
T = TypeVar("T")


class DatasetLocks:
    """A first-in, first-out lock for every dataset that has work."""

    def __init__(self, blocking: Blocking) -> None:
        self._blocking = blocking
        self._last: dict[DatasetKey, asyncio.Task[object]] = {}

    async def run(self, key: DatasetKey, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking function on a thread once all earlier calls on the dataset have ended; return or raise what it does.

        Raises:
            BlockingQueueFull: too many blocking calls wait in this process; the function was not called.
        """
        return await asyncio.shield(self.start(key, function, *args, **kwargs))

    def start(self, key: DatasetKey, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Task[T]:
        """Start what ``run`` does, and return its task. Don't cancel it."""
        task = asyncio.ensure_future(self._after(self._last.get(key), function, *args, **kwargs))
        self._last[key] = task
        task.add_done_callback(lambda done: self._forget(key, done))
        return task

    async def run_unlocked(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking function on a thread, without any dataset's lock."""
        return await self._blocking.run(function, *args, **kwargs)

    async def drain(self) -> None:
        """Wait until no call is running or waiting."""
        while self._last:
            await asyncio.wait(list(self._last.values()))

    async def _after(self, before: asyncio.Task[object] | None, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if before is not None:
            await asyncio.wait([before])
        return await self._blocking.run(function, *args, **kwargs)

    def _forget(self, key: DatasetKey, done: asyncio.Task[object]) -> None:
        if self._last.get(key) is done:
            del self._last[key]
        if not done.cancelled():
            # Retrieve the error here too, so that asyncio does not report it if the caller was cancelled.
            done.exception()
