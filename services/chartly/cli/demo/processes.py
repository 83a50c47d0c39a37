"""The processes that a demonstration starts and ends: the source, and the platform if none runs. Each is ended by its pid."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import httpx

from chartly.platform.errors import Unavailable, error

READY_S_MAX = 60.0
"""A start on a busy machine takes seconds; more than a minute is a fault."""
_STOP_S_MAX = 30.0
_POLL_S = 0.05


@error(reason="SERVICE_UNAVAILABLE")
class ProcessNotReady(Unavailable):
    """A process of the demonstration did not become ready."""

    name: str
    problem: str
    log: str


def answers(url: str) -> bool:
    """Return whether the URL answers with success."""
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).is_success
    except httpx.TransportError:
        return False


def free_port(wanted: int) -> int:
    """Return the port ``wanted`` if it is free, else another free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(name: str, arguments: Sequence[str], ready_url: str, log: Path) -> Generator[None]:
    """Run a Python module while the block runs. The block begins when ``ready_url`` answers.

    Raises:
        ProcessNotReady: it ended, or did not answer in time.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        process = subprocess.Popen([sys.executable, "-m", *arguments], stdout=file, stderr=file)  # noqa: S603 - our own module
    try:
        ends = time.monotonic() + READY_S_MAX
        while not answers(ready_url):
            if process.poll() is not None or time.monotonic() > ends:
                raise ProcessNotReady(name, _last_line(log), str(log))
            time.sleep(_POLL_S)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _last_line(log: Path) -> str:
    """Return the last line of the process's output."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[-1] if lines else "it said nothing"
