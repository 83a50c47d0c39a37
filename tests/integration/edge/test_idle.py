"""Memory and CPU time of all services and the edge without requests."""

import sys
import time
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from chartly.platform.names import SERVICES

from .test_process import Process

RSS_BYTES_MAX = 400 * 1024 * 1024


@pytest.fixture
def everything(tmp_path: Path) -> Generator[Process]:
    """All services and the edge at their second start; the first start created the tables."""
    first = Process(tmp_path, SERVICES)
    first.wait_for_line("edge serves")
    first.popen.terminate()
    assert first.popen.wait(120) == 0
    first.log.unlink()
    started = Process(tmp_path, SERVICES)
    yield started
    started.popen.terminate()
    assert started.popen.wait(120) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="RSS is counted as Linux does")
def test_idle_memory(everything: Process) -> None:
    """The process and Envoy together use less than 400 MB: large libraries are imported at first use."""
    everything.wait_for_line("edge serves")
    time.sleep(2)
    process = psutil.Process(everything.popen.pid)
    taken = {each.name(): each.memory_info().rss for each in (process, *process.children(recursive=True))}

    assert sum(taken.values()) < RSS_BYTES_MAX, taken


def test_idle_cpu_time(everything: Process) -> None:
    """An idle installation uses less than a tenth of a core."""
    everything.wait_for_line("edge serves")
    process = psutil.Process(everything.popen.pid)
    time.sleep(2)
    before = process.cpu_times()
    time.sleep(5)
    after = process.cpu_times()

    assert (after.user + after.system) - (before.user + before.system) < 0.5
