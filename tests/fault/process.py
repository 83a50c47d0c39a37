"""Run the `chartly` command in a process that dies or waits at a failpoint when a test orders it. Started by tests; not a test itself.

usage: process.py ORDERS ARGUMENT…

ORDERS is a folder of files. A process that reaches a failpoint removes the last of the files ``POINT.1`` … ``POINT.n``, and dies by SIGKILL
when it removes the first. So the n-th time counts over all processes with this folder, and exactly one of them dies.
A process that finds ``POINT.hold`` renames it to ``POINT.held`` and waits there until that file is removed.
"""

import os
import signal
import sys
import time
from enum import StrEnum
from pathlib import Path

from chartly.cli.main import run
from chartly.platform.failpoints import observe

_POLL_S = 0.005


def order(orders: Path, point: StrEnum, nth: int) -> None:
    """Order that one process dies when ``point`` is reached for the ``nth`` time from now on."""
    for number in range(1, nth + 1):
        (orders / f"{point}.{number}").touch()


def hold(orders: Path, point: StrEnum) -> None:
    """Order that the next process or thread that reaches ``point`` waits there until ``let_go``."""
    (orders / f"{point}.hold").touch()


def holds(orders: Path, point: StrEnum) -> bool:
    """Return whether a thread waits at ``point``."""
    return (orders / f"{point}.held").exists()


def let_go(orders: Path, point: StrEnum) -> None:
    """Release the waiting thread, and withdraw an order that no thread has reached."""
    for state in ("hold", "held"):
        (orders / f"{point}.{state}").unlink(missing_ok=True)


def obey(orders: Path, point: StrEnum) -> None:
    """Wait or die, if a test ordered that for this failpoint."""
    _wait(orders, point)
    found = sorted((int(path.suffix[1:]), path) for path in orders.glob(f"{point}.*") if path.suffix[1:].isdigit())
    for number, path in reversed(found):
        try:
            path.unlink()
        except FileNotFoundError:
            continue  # another process took it
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return


def _wait(orders: Path, point: StrEnum) -> None:
    held = orders / f"{point}.held"
    try:
        (orders / f"{point}.hold").rename(held)
    except FileNotFoundError:
        return
    while held.exists():
        time.sleep(_POLL_S)


def main() -> None:
    """Run the command until it ends or an order kills it."""
    orders = Path(sys.argv[1])
    observe(lambda point: obey(orders, point))
    sys.argv = ["chartly", *sys.argv[2:]]
    run()


if __name__ == "__main__":
    main()
