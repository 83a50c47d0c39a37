"""How many requests are under way at once: to one source, and to one host by all sources of this process."""

import asyncio
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class RequestSlots:
    """Slots by key. Used from one event loop."""

    def __init__(self) -> None:
        # An entry lives as long as a request holds a slot of it, or waits for one.
        self._slots: WeakValueDictionary[Hashable, _Slots] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, key: Hashable, slots_max: int) -> AsyncGenerator[None]:
        """Reserve one of the key's ``slots_max`` slots while the block runs; wait for it in the order of arrival."""
        slots = self._slots.setdefault(key, _Slots())
        await slots.wait_below(slots_max)
        slots.held += 1
        try:
            yield
        finally:
            slots.held -= 1
            slots.wake()


class _Slots:
    """The slots of one key. The bound comes with each request, since a new version of a profile may change it."""

    def __init__(self) -> None:
        self.held = 0
        self._waiting: list[asyncio.Future[None]] = []

    async def wait_below(self, slots_max: int) -> None:
        """Return once fewer than ``slots_max`` slots are held."""
        while self.held >= slots_max:
            woken = asyncio.get_running_loop().create_future()
            self._waiting.append(woken)
            try:
                await woken
            finally:
                self._waiting.remove(woken)

    def wake(self) -> None:
        """Wake every waiting task; the first one that runs takes the slot."""
        for woken in self._waiting:
            if not woken.done():
                woken.set_result(None)
