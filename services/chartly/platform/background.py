"""Background tasks of a service: started together, restarted after a fault, stopped together."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from .errors import ChartlyError
from .retry import retrying
from .telemetry.log import Logger

# The first retry is soon, for a service that is just starting. Later ones come every one to two seconds.
_PAUSE_S, _PAUSE_S_MAX = 0.1, 2.0
# Of failures in a row, this one and each tenth after it are logged: an hour's outage must not fill the disk.
_LOGGED_EVERY = 10


class Background:
    """Runs each loop until it is stopped. A loop that raises, whatever it is, runs again after a pause. Use it from one event loop."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, name: str, once: Callable[[], Awaitable[None]]) -> None:
        """Call ``once`` in a loop: each call waits for something to do, does it, and returns."""
        self._tasks.append(asyncio.create_task(self._forever(name, once), name=name))

    async def stop(self) -> None:
        """Cancel all loops and wait for them."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()

    async def _forever(self, name: str, once: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._until_recovered(name, once)

    async def _until_recovered(self, name: str, once: Callable[[], Awaitable[None]]) -> None:
        failures = 0

        def goes_on(failure: Exception) -> bool:
            nonlocal failures
            failures += 1
            if not isinstance(failure, ChartlyError):
                self._logger.error("background task failed", exception=failure, task=name)
            elif failures % _LOGGED_EVERY == 2:  # noqa: PLR2004 - the first is common while the host starts
                self._logger.warning("background task waits", task=name, problem=failure.message, failures=failures)
            return True

        async for attempt in retrying(wait_s=_PAUSE_S, wait_s_max=_PAUSE_S_MAX, retries=goes_on):
            with attempt:
                await once()
                # Without a failure this stays one attempt, since a new one costs more than most loops do. After a failure, the first
                # success ends the attempts, so that the next failure begins with the shortest pause.
                while not failures:
                    await once()
