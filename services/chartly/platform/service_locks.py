"""Locks that keep a second process off a data directory, for services that only one process may run on it.

They are acquired before anything else is opened: a process that is refused has changed nothing.
"""

import fcntl
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from .errors import FailedPrecondition, error

# Services whose state in the data directory has one owner: blobs and tables; the ledger's files; the queue's memory.
_ONE_OWNER = ("storage", "audit", "coordinator")
# With a shared database the coordinators decide among themselves which of them owns the queue.
_ONE_OWNER_IF_EMBEDDED = frozenset({"coordinator"})


@error(reason="SERVICE_UNAVAILABLE")
class ServiceTaken(FailedPrecondition):
    """Another process runs this service on this data directory: stop that process, or choose another directory with --data."""

    service: str
    data_directory: str
    pid: str | None
    """The other process, if it wrote its id."""


class ServiceLocks:
    """Exclusive locks on files in the data directory; the kernel releases them if the process dies."""

    def __init__(self, data_path: Path, services: Sequence[str], *, embedded_database: bool) -> None:
        self._data_path = data_path
        self._services = [name for name in _ONE_OWNER if name in services and (embedded_database or name not in _ONE_OWNER_IF_EMBEDDED)]
        self._held = ExitStack()

    def acquire(self) -> None:
        """Acquire all locks, or none.

        Raises:
            ServiceTaken: another process holds one of them.
        """
        with ExitStack() as held:
            for service in self._services:
                self._lock(service, held.enter_context((self._data_path / f"{service}.lock").open("a+")))
            self._held = held.pop_all()

    def release(self) -> None:
        """Release the locks; nothing if none is held."""
        self._held.close()

    def _lock(self, service: str, file: IO[str]) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise ServiceTaken(service, str(self._data_path), file.read(20).strip() or None) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
