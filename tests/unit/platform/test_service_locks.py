"""Locks of a data directory, among processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chartly.platform.service_locks import ServiceLocks, ServiceTaken

HOLDER = """
import pathlib, sys
from chartly.platform.service_locks import ServiceLocks
locks = ServiceLocks(pathlib.Path(sys.argv[1]), ["audit"], embedded_database=True)
locks.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_second_process_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    """A service that another process runs is refused with that process's id, and all locks stay free; a killed process holds none."""
    locks = ServiceLocks(tmp_path, ["storage", "audit"], embedded_database=True)
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(ServiceTaken) as refused:
            locks.acquire()
        assert (refused.value.service, refused.value.pid) == ("audit", str(other.pid))
        storage = ServiceLocks(tmp_path, ["storage"], embedded_database=True)
        storage.acquire()
        storage.release()
        other.kill()

    locks.acquire()
    assert (tmp_path / "audit.lock").read_text() == f"{os.getpid()}\n"
    locks.release()


def test_services_without_state_of_their_own_are_not_locked(tmp_path: Path) -> None:
    """Two processes may run the same stateless service, and two coordinators on one shared database."""
    both = [ServiceLocks(tmp_path, ["normalizer", "coordinator"], embedded_database=False) for _ in range(2)]
    for locks in both:
        locks.acquire()
    for locks in both:
        locks.release()
