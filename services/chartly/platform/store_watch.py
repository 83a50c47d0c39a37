"""Checks periodically whether a store outside of this process answers, for the readiness of services that need it."""

import asyncio
from collections.abc import Awaitable, Callable

from .errors import ChartlyError

_EVERY_S = 1.0
# A store that needs longer is of no use to calls either.
_ANSWER_S = 5.0


class StoreWatch:
    """The state of one store. Run ``once`` in a background loop."""

    def __init__(self, store: str, ask: Callable[[], Awaitable[object]]) -> None:
        """``store`` begins the sentence about a problem; ``ask`` raises if the store doesn't answer."""
        self._store = store
        self._ask = ask
        self._asking: asyncio.Task[object] | None = None
        self.problem = ""
        """Why the store is of no use at the moment; empty if it answers."""

    async def once(self) -> None:
        """Ask the store, then sleep. A request that hangs is not joined by others, since each would hold a thread."""
        if self._asking is None:
            self._asking = asyncio.ensure_future(self._ask())
        done, _ = await asyncio.wait([self._asking], timeout=_ANSWER_S)
        if not done:
            self.problem = f"{self._store} has not answered for {_ANSWER_S:.0f} s. Check that it runs and can be reached."
            return
        asked, self._asking = self._asking, None
        failure = asked.exception()
        if failure is None:
            self.problem = ""
        else:
            why = failure.message if isinstance(failure, ChartlyError) else type(failure).__name__
            self.problem = f"{self._store} does not answer: {why}. Check that it runs and can be reached."
        await asyncio.sleep(_EVERY_S)
