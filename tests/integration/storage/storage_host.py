"""Runs the storage service as its own process, which kills itself where it is told to. Started by tests; not a test itself.

usage: storage_host.py DATA_DIR [POINT NTH]
"""

import asyncio
import os
import signal
import sys
from enum import StrEnum

from chartly.platform.config import load
from chartly.platform.host import serve
from chartly.storage.commit.points import observe


def kill_at(point: str, nth: int) -> None:
    """Die by SIGKILL when ``point`` is reached for the ``nth`` time."""
    left = nth

    def observer(reached: StrEnum) -> None:
        nonlocal left
        if reached == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    observe(observer)


def main() -> None:
    """Serve until killed or told to stop."""
    data_dir, *rest = sys.argv[1:]
    if rest:
        kill_at(rest[0], int(rest[1]))
    asyncio.run(serve(load(environment={}, overrides={"data_dir": data_dir}), ["storage"]))


if __name__ == "__main__":
    main()
