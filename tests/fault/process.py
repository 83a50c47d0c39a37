"""Runs the `chartly` command in a process that dies by SIGKILL at the named point it is told. Started by ``installation``; not a test.

usage: process.py ORDERS ARGUMENT…

ORDERS is a folder. A process that reaches a point takes the last of the files ``POINT.1`` … ``POINT.n`` away, and dies with the first: so
the n-th time counts over all processes that were given the folder, and exactly one of them dies.
"""

import os
import signal
import sys
from enum import StrEnum
from pathlib import Path

from chartly.cli.main import run
from chartly.platform.failpoints import observe


def order(orders: Path, point: StrEnum, nth: int) -> None:
    """Have one process die when ``point`` is reached for the ``nth`` time from now on."""
    for number in range(1, nth + 1):
        (orders / f"{point}.{number}").touch()


def obey(orders: Path, point: StrEnum) -> None:
    """Die, if that is due at this point."""
    found = sorted((int(path.suffix[1:]), path) for path in orders.glob(f"{point}.*"))
    for number, path in reversed(found):
        try:
            path.unlink()
        except FileNotFoundError:
            continue  # another process took it
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return


def main() -> None:
    """Be the command until it ends or the point is reached."""
    orders = Path(sys.argv[1])
    observe(lambda point: obey(orders, point))
    sys.argv = ["chartly", *sys.argv[2:]]
    run()


if __name__ == "__main__":
    main()
