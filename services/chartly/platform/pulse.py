"""Waking those who wait for something to happen, without asking again and again. It carries no news: who wakes looks for itself."""

import asyncio


class Pulse:
    """A broadcast. Take ``next`` before you look, then wait on it: what happens in between is not missed. One event loop only."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    @property
    def next(self) -> asyncio.Event:
        """The event that the next beat sets."""
        return self._event

    def beat(self) -> None:
        """Wake all who wait."""
        self._event.set()
        self._event = asyncio.Event()


async def wait_for(event: asyncio.Event, seconds: float | None) -> None:
    """Wait until the event or until the time is over, whichever is first; None waits for the event alone."""
    try:
        async with asyncio.timeout(None if seconds is None else max(seconds, 0)):
            await event.wait()
    except TimeoutError:
        return
