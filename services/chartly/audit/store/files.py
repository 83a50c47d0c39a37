"""The log as files: checkpoint, tiles and bundles at their C2SP paths. A file is complete and durable before it gets its name.

``tile/`` holds nothing else: files are written in another folder and then moved.
"""

import os
import shutil
from pathlib import Path

from chartly.ledger.layout import TILE_WIDTH, Tile, number_path
from chartly.platform.files import sync_folder


class LogFiles:
    """The folder of one log. Its methods block."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "log"
        self._making = folder / "making"

    def prepare(self) -> None:
        """Create the folders, and delete partial files of a crash."""
        shutil.rmtree(self._making, ignore_errors=True)
        for folder in (self._log, self._making):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def read(self, path: str) -> bytes | None:
        """Return the bytes of the file at a path below the log's prefix; None if there is none."""
        try:
            return (self._log / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read_tile(self, tile: Tile) -> bytes | None:
        """Read a tile or bundle."""
        return self.read(f"tile/{tile.path}")

    def write_tile(self, tile: Tile, content: bytes) -> None:
        """Write a tile or bundle. A full one replaces its partial ones."""
        self._write(self._log / "tile" / tile.path, content)
        if tile.width == TILE_WIDTH:
            kind = "entries" if tile.level is None else str(tile.level)
            shutil.rmtree(self._log / "tile" / kind / f"{number_path(tile.number)}.p", ignore_errors=True)

    def write_checkpoint(self, content: bytes) -> None:
        """Write the checkpoint. The tiles and bundles that it covers must be durable."""
        self._write(self._log / "checkpoint", content)

    def _write(self, path: Path, content: bytes) -> None:
        made = self._making / "file"
        with made.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        missing = [folder for folder in path.parents if not folder.exists()]
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made.replace(path)
        # A new file name is durable once its folder is synced, a new folder once its parent is synced.
        for folder in {path.parent, *(folder.parent for folder in missing)}:
            sync_folder(folder)
