"""Wake waiting tasks when something has changed, without polling. It has no content: a woken task reads the state itself."""

import asyncio
from collections.abc import Generator, Iterable
from contextlib import contextmanager


class Notification:
    """A broadcast. Take ``next`` before you read the state, then wait on it, so that no change is missed. Use it from one event loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    @property
    def next(self) -> asyncio.Event:
        """The event that the next notification sets."""
        return self._event

    def notify(self) -> None:
        """Wake all waiting tasks."""
        self._event.set()
        self._event = asyncio.Event()


class KeyedNotifications:
    """A broadcast for each of many names. A name without a waiting task needs no memory. Use it from one event loop."""

    def __init__(self) -> None:
        self._listening: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def subscribe(self, name: str) -> Generator[asyncio.Event]:
        """Yield an event that every notification of the name sets. Clear it before you read the state, so that no change is missed."""
        event = asyncio.Event()
        self._listening.setdefault(name, set()).add(event)
        try:
            yield event
        finally:
            self._listening[name].discard(event)
            if not self._listening[name]:
                del self._listening[name]

    def notify(self, names: Iterable[str]) -> None:
        """Wake all tasks that wait for one of the names."""
        for name in names:
            for event in self._listening.get(name, ()):
                event.set()

    def notify_all(self) -> None:
        """Wake all tasks that wait for any name."""
        self.notify(self._listening)


async def wait_for(event: asyncio.Event, seconds: float | None) -> None:
    """Wait for the event, or until the time is over; None waits without a time limit."""
    try:
        async with asyncio.timeout(None if seconds is None else max(seconds, 0)):
            await event.wait()
    except TimeoutError:
        return
