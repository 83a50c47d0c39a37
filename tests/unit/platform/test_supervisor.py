"""A supervised child process; the tests use real processes."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chartly.platform.supervisor import Child, ChildDied
from chartly.platform.telemetry.log import Logger

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
)

PARENT = """
import asyncio, pathlib, sys
from chartly.platform.supervisor import Child
from chartly.platform.telemetry.log import Logger
async def main():
    child = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], pathlib.Path(sys.argv[1]), Logger("test"), 5)
    await child.start()
    print(child.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


async def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until a condition holds."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it never did"
        await asyncio.sleep(0.05)


def lives(pid: int) -> bool:
    """Return whether a process runs; a zombie does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_dead_child_is_started_again(tmp_path: Path) -> None:
    """A child that died is restarted."""
    child = Child("sleeper", SLEEPER, tmp_path / "log", Logger("test"), 5)
    await child.start()
    first = child.pid
    assert first

    os.kill(first, signal.SIGKILL)
    await until(lambda: child.restarts == 1)

    assert child.pid not in {None, first}
    await child.stop()


async def test_failed_restart_is_repeated(tmp_path: Path) -> None:
    """A restart that fails because the log's folder can't be created is repeated until it succeeds."""
    log = tmp_path / "logs" / "log"
    child = Child("sleeper", SLEEPER, log, Logger("test"), 5)
    await child.start()
    assert child.pid
    shutil.rmtree(log.parent)
    log.parent.touch()
    os.kill(child.pid, signal.SIGKILL)
    await asyncio.sleep(1)
    assert child.restarts == 0

    log.parent.unlink()
    await until(lambda: child.restarts == 1)
    assert child.pid
    await child.stop()


async def test_child_that_was_killed_has_not_given_up(tmp_path: Path) -> None:
    """A wait for a killed child lasts until its restart; a child that exited by itself is reported with its exit code."""
    child = Child("sleeper", SLEEPER, tmp_path / "log", Logger("test"), 5)
    await child.start()
    assert child.pid
    os.kill(child.pid, signal.SIGKILL)
    await until(lambda: child.pid is None)
    child.check()
    await until(lambda: child.restarts == 1)
    await child.stop()

    quitter = Child("quitter", (sys.executable, "-c", "raise SystemExit(3)"), tmp_path / "log", Logger("test"), 5)
    await quitter.start()
    await until(lambda: quitter.pid is None)
    with pytest.raises(ChildDied) as died:
        quitter.check()
    assert died.value.exit_code == 3
    await quitter.stop()


async def test_stopped_child_is_gone(tmp_path: Path) -> None:
    """A stopped child does not run, and is not restarted."""
    child = Child("sleeper", SLEEPER, tmp_path / "log", Logger("test"), 5)
    await child.start()
    pid = child.pid
    assert pid

    await child.stop()
    await child.stop()

    assert (child.pid, child.restarts, lives(pid)) == (None, 0, False)


async def test_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    """A child that ignores SIGTERM is killed after its grace time."""
    child = Child("deaf", DEAF, tmp_path / "log", Logger("test"), 0.3)
    await child.start()
    await until(lambda: "deaf" in (tmp_path / "log").read_text())

    await child.stop()

    assert child.pid is None


async def test_waiting_for_a_dead_child_ends(tmp_path: Path) -> None:
    """A wait for readiness of a dead child ends with its exit code and the log's path."""
    child = Child("brief", (sys.executable, "-c", "raise SystemExit(7)"), tmp_path / "log", Logger("test"), 5)
    await child.start()

    await until(lambda: child.pid is None)

    with pytest.raises(ChildDied) as died:
        child.check()
    await child.stop()
    assert (died.value.exit_code, died.value.log) == (7, str(tmp_path / "log"))


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
async def test_killed_parent_leaves_no_orphan(tmp_path: Path) -> None:
    """The child ends when its parent is killed by kill -9."""
    parent = subprocess.Popen(  # noqa: ASYNC220 - it starts in no time
        [sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE
    )
    assert parent.stdout
    pid = int(parent.stdout.readline())
    await until(lambda: lives(pid))

    parent.kill()
    parent.wait()
    parent.stdout.close()

    await until(lambda: not lives(pid))
