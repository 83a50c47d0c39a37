"""How a process is asked to end: by SIGINT or SIGTERM. What it then does is its own."""

import asyncio
import signal

_ASKING = (signal.SIGINT, signal.SIGTERM)


def end_asked() -> asyncio.Event:
    """Give an event that the first signal sets; a second signal ends the process at once, as by default."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask() -> None:
        asked.set()
        for number in _ASKING:
            loop.remove_signal_handler(number)

    for number in _ASKING:
        loop.add_signal_handler(number, ask)
    return asked
