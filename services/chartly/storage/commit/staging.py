"""The folders that ticket holders write to. Nothing in them is promised to anybody: they are swept at start."""

import shutil
from pathlib import Path

from chartly.storage.durable_files import translated
from chartly.storage.errors import StagedFileInvalid, StagedFileTooLarge
from chartly.storage.names import STAGED_FILE


class Staging:
    """One folder a ticket, under one root."""

    def __init__(self, root: Path, file_bytes_max: int) -> None:
        self._root = root
        self._file_bytes_max = file_bytes_max

    def make(self, ticket: str) -> Path:
        """Make a ticket's folder."""
        folder = self._root / ticket
        with translated():
            folder.mkdir(mode=0o700, parents=True)
        return folder

    def folder(self, ticket: str) -> Path:
        """Tell where a ticket's folder is."""
        return self._root / ticket

    def check(self, ticket: str, file: str) -> int:
        """Look at a staged file before it is read; gives its size in bytes.

        Raises:
            StagedFileInvalid: it is no plain name, or no file bears it.
            StagedFileTooLarge: it is above its bound.
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
        """Delete all folders: tickets end with the process that gave them."""
        shutil.rmtree(self._root, ignore_errors=True)
        with translated():
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
