"""Waking those who wait for something to happen, without asking again and again. It carries no news: who wakes looks for itself."""

import asyncio
from collections.abc import Generator, Iterable
from contextlib import contextmanager


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


class Pulses:
    """A broadcast for each of many names; a name that nobody listens to takes no memory. One event loop only."""

    def __init__(self) -> None:
        self._listening: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def listening(self, name: str) -> Generator[asyncio.Event]:
        """Give an event that every beat for the name sets. Clear it before you look: what happens in between is not missed."""
        event = asyncio.Event()
        self._listening.setdefault(name, set()).add(event)
        try:
            yield event
        finally:
            self._listening[name].discard(event)
            if not self._listening[name]:
                del self._listening[name]

    def beat(self, names: Iterable[str]) -> None:
        """Wake all who listen to one of the names."""
        for name in names:
            for event in self._listening.get(name, ()):
                event.set()

    def beat_all(self) -> None:
        """Wake all who listen to any name."""
        self.beat(self._listening)


async def wait_for(event: asyncio.Event, seconds: float | None) -> None:
    """Wait until the event or until the time is over, whichever is first; None waits for the event alone."""
    try:
        async with asyncio.timeout(None if seconds is None else max(seconds, 0)):
            await event.wait()
    except TimeoutError:
        return
