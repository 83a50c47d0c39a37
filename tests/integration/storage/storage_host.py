"""Runs the storage service as a separate process that kills itself at a given failpoint. Started by tests; not a test itself.

usage: storage_host.py DATA_DIR [POINT NTH] [hold_s=SECONDS] [services=NAME,…] [limits.NAME=NUMBER …]

With ``hold_s`` the first commit stops for a while once its files are durable, so that others come to wait behind it.
"""

import asyncio
import os
import signal
import sys
import time
from enum import StrEnum

from chartly.platform.config import load
from chartly.platform.host import serve
from chartly.storage.commit.failpoints import CommitFailpoint, observe


def kill_at(point: str, nth: int, hold_s: float) -> None:
    """Die by SIGKILL when ``point`` is reached for the ``nth`` time."""
    left, held = nth, not hold_s

    def observer(reached: StrEnum) -> None:
        nonlocal left, held
        if reached.value == CommitFailpoint.FILES_DURABLE.value and not held:
            held = True
            time.sleep(hold_s)
        if reached == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    observe(observer)


def main() -> None:
    """Serve until the process is killed or stopped."""
    data_dir, *rest = sys.argv[1:]
    settings: dict[str, str] = dict(each.split("=", 1) for each in rest if "=" in each)
    names = settings.pop("services", "storage").split(",")
    kill = [each for each in rest if "=" not in each]
    hold_s = float(settings.pop("hold_s", "0"))
    if kill:
        kill_at(kill[0], int(kill[1]), hold_s)
    limits = {name: int(value) for name, value in settings.items()}
    asyncio.run(serve(load(environment={}, overrides={"data_dir": data_dir, **limits}), names))


if __name__ == "__main__":
    main()
