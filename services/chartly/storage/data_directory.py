"""The lock that keeps a second process out of the data directory. It guards storage's files only; the metadata database guards itself."""

import fcntl
from pathlib import Path
from typing import IO

from .errors import StoreTaken


class DataDirectoryLock:
    """An exclusive lock on a file in the data directory; the kernel releases it if the process dies."""

    def __init__(self, data_path: Path) -> None:
        self._path = data_path / "storage.lock"
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Acquire the lock.

        Raises:
            StoreTaken: another process holds it.
        """
        file = self._path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise StoreTaken(str(self._path)) from None
        self._file = file

    def release(self) -> None:
        """Release the lock; nothing if it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None
