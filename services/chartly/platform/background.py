"""Background tasks of a service: started together, restarted after a fault, stopped together."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from .errors import ChartlyError
from .telemetry.log import Logger

# The first retry is soon, for a service that is just starting. Later ones come every two seconds.
_PAUSE_S, _PAUSE_S_MAX = 0.05, 2.0
# Of failures in a row, this one and each tenth after it are logged: an hour's outage must not fill the disk.
_LOGGED_EVERY = 10


class Background:
    """Runs each loop until it is stopped. A loop that raises starts again after a pause. Use it from one event loop."""

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
        failures = 0
        while True:
            try:
                await once()
                failures = 0
            except ChartlyError as refused:
                failures += 1
                if failures % _LOGGED_EVERY == 2:  # noqa: PLR2004 - the first is common while the host starts
                    self._logger.warning("background task waits", task=name, problem=refused.message, failures=failures)
                await asyncio.sleep(min(_PAUSE_S * 2**failures, _PAUSE_S_MAX))
            except Exception as fault:  # noqa: BLE001 - a loop must outlive any fault; it is logged
                failures += 1
                self._logger.error("background task failed", exception=fault, task=name)  # noqa: TRY400 - our logger's error takes it
                await asyncio.sleep(_PAUSE_S_MAX)
