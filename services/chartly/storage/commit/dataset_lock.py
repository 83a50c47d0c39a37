"""One writer a dataset: work on one dataset goes one after the other, on different ones side by side.

Used from one event loop. What was begun is finished, even when its caller has gone: a thread can't be called back, and the next must not
start while it writes.
"""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from chartly.platform.blocking import Blocking
from chartly.storage.model import DatasetKey

P = ParamSpec("P")
T = TypeVar("T")


class Lanes:
    """A lane for every dataset that has work."""

    def __init__(self, blocking: Blocking) -> None:
        self._blocking = blocking
        self._last: dict[DatasetKey, asyncio.Task[object]] = {}

    async def run(self, key: DatasetKey, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking function when all earlier work on the dataset has ended, and give what it returns or raises."""
        task = asyncio.ensure_future(self._after(self._last.get(key), function, *args, **kwargs))
        self._last[key] = task
        task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    async def beside(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking function that belongs to no dataset."""
        return await self._blocking.run(function, *args, **kwargs)

    async def drain(self) -> None:
        """Wait until all lanes are empty."""
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
            # Seen here too, so that a failure whose caller has gone is not reported as never retrieved.
            done.exception()
