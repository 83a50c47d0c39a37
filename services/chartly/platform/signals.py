"""Wait for the signals that ask a process to end: SIGINT and SIGTERM."""

import asyncio
import signal

_ASKING = (signal.SIGINT, signal.SIGTERM)


def end_asked() -> asyncio.Event:
    """Return an event that the first signal sets. A second signal ends the process at once."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask() -> None:
        asked.set()
        for number in _ASKING:
            loop.remove_signal_handler(number)

    for number in _ASKING:
        loop.add_signal_handler(number, ask)
    return asked
