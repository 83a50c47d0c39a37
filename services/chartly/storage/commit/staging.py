"""The folders that ticket holders write to. Their files are not durable; all folders are deleted at start."""

import shutil
from pathlib import Path

from chartly.storage.durable_files import translated
from chartly.storage.errors import StagedFileInvalid, StagedFileTooLarge
from chartly.storage.names import STAGED_FILE


class Staging:
    """One folder per ticket, under one root."""

    def __init__(self, root: Path, file_bytes_max: int) -> None:
        self._root = root
        self._file_bytes_max = file_bytes_max

    def make(self, ticket: str) -> Path:
        """Create a ticket's folder."""
        folder = self._root / ticket
        with translated():
            folder.mkdir(mode=0o700, parents=True)
        return folder

    def folder(self, ticket: str) -> Path:
        """Return a ticket's folder."""
        return self._root / ticket

    def check(self, ticket: str, file: str) -> int:
        """Check a staged file before it is read; return its size in bytes.

        Raises:
            StagedFileInvalid: the name is not plain, or the file does not exist.
            StagedFileTooLarge: the file is larger than its bound.
        """
        if not STAGED_FILE.fullmatch(file):
            raise StagedFileInvalid("", "is not named <name>.parquet, of a-z, 0-9, - and _")
        path = self._root / ticket / file
        if path.is_symlink() or not path.is_file():
            raise StagedFileInvalid(file, "is missing")
        size_bytes = path.stat().st_size
        if size_bytes > self._file_bytes_max:
            raise StagedFileTooLarge(file, self._file_bytes_max)
        return size_bytes

    def drop(self, ticket: str) -> None:
        """Delete a ticket's folder."""
        shutil.rmtree(self._root / ticket, ignore_errors=True)

    def sweep(self) -> None:
        """Delete all folders. No ticket outlives its process."""
        shutil.rmtree(self._root, ignore_errors=True)
        with translated():
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
