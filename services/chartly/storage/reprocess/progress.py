"""Streams the phases of long work to its caller, and stops the work between two phases if the caller leaves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from threading import Event
from typing import TypeVar

from chartly.storage.errors import ReprocessStopped

T = TypeVar("T")

Report = Callable[[str], None]
"""Reports that a phase begins; safe to call from threads.

Raises:
    ReprocessStopped: the caller has left.
"""


async def phases(work: Callable[[Report], Coroutine[None, None, T]]) -> AsyncIterator[tuple[str, T | None]]:
    """Yield each phase that the work reports, then ``done`` with its result."""
    reported: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    left = Event()

    def report(phase: str) -> None:
        if left.is_set():
            raise ReprocessStopped
        loop.call_soon_threadsafe(reported.put_nowait, phase)

    task = asyncio.create_task(work(report))
    try:
        while not task.done():
            following = asyncio.ensure_future(reported.get())
            await asyncio.wait([task, following], return_when=asyncio.FIRST_COMPLETED)
            if following.done():
                yield following.result(), None
            else:
                following.cancel()
        yield "done", task.result()
    finally:
        left.set()
        task.cancel()
