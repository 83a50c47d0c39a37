"""The life of a whole process: start, signals, and what is left after the end."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

PROCESS = """
import sys
from chartly.gateway.edge import Edge
from chartly.platform.config import load
from chartly.platform.host import run
config = load(environment={}, overrides={"data_dir": sys.argv[1], "edge.port": 0})
run(config, sys.argv[2:], [Edge(config)])
"""


class Process:
    """One started process and its log."""

    def __init__(self, folder: Path, names: Sequence[str] = ("gateway", "auth")) -> None:
        self.log = folder / "log"
        command = [sys.executable, "-c", PROCESS, str(folder / "data"), *names]
        with self.log.open("ab") as output:
            self.popen = subprocess.Popen(command, stderr=output, stdout=output)

    def lines(self) -> list[dict[str, Any]]:
        """Read all log lines; each must be JSON."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def wait_for_line(self, message: str) -> dict[str, Any]:
        """Wait for a log line."""
        ends = time.monotonic() + 60
        while True:
            found = [line for line in self.lines() if line["message"] == message]
            if found:
                return found[-1]
            assert self.popen.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < ends, self.log.read_text(encoding="utf-8")
            time.sleep(0.05)


def lives(pid: int) -> bool:
    """Return whether a process still runs after a few seconds; a zombie does not count."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def process(tmp_path: Path) -> Generator[Process]:
    """A started process; it is ended if the test has not ended it."""
    started = Process(tmp_path)
    yield started
    if started.popen.poll() is None:
        started.popen.kill()
        started.popen.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_everything_cleanly(process: Process, number: signal.Signals) -> None:
    """After a signal the exit code is 0, no Envoy is left, the port is closed, and every log line is JSON."""
    edge = process.wait_for_line("edge serves")
    assert httpx.get(f"{edge['url']}/ready", timeout=20).status_code == 200

    process.popen.send_signal(number)

    assert process.popen.wait(30) == 0
    assert not lives(edge["pid"])
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{edge['url']}/health", timeout=20)
    assert {line["level"] for line in process.lines()} == {"info"}


def test_data_directory_is_private(tmp_path: Path, process: Process) -> None:
    """No other user can enter or read a file, folder or socket that the process makes."""
    process.wait_for_line("edge serves")
    data = tmp_path / "data"

    exposed = [str(path) for path in (data, *data.rglob("*")) if path.lstat().st_mode & 0o077 and not path.is_symlink()]

    assert exposed == []


def test_killed_process_starts_again_with_its_data(tmp_path: Path, process: Process) -> None:
    """After kill -9 the next start replaces the socket, the token still works, and the old Envoy has ended."""
    edge = process.wait_for_line("edge serves")
    process.popen.kill()
    process.popen.wait()
    token = (tmp_path / "data" / "operator.token").read_text(encoding="utf-8")
    process.log.unlink()

    again = Process(tmp_path)
    url = again.wait_for_line("edge serves")["url"]
    answer = httpx.get(f"{url}/v1/auth/introspect", headers={"authorization": f"Bearer {token.strip()}"}, timeout=20)
    again.popen.terminate()

    assert again.popen.wait(30) == 0
    assert answer.json()["principal"] == "user:operator"
    assert not lives(edge["pid"])
