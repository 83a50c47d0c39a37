"""The log as files: checkpoint, tiles and bundles at their C2SP paths, each whole and durable before it is named.

Nothing foreign lies under ``tile/``: files are made in a folder beside it and moved in.
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
        """Make the folders, and drop what a crash left half made."""
        shutil.rmtree(self._making, ignore_errors=True)
        for folder in (self._log, self._making):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def read(self, path: str) -> bytes | None:
        """Read the file at a path below the log's prefix; None when there is none."""
        try:
            return (self._log / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read_tile(self, tile: Tile) -> bytes | None:
        """Read a tile or bundle."""
        return self.read(f"tile/{tile.path}")

    def write_tile(self, tile: Tile, content: bytes) -> None:
        """Write a tile or bundle; a full one takes the place of its partial ones."""
        self._write(self._log / "tile" / tile.path, content)
        if tile.width == TILE_WIDTH:
            kind = "entries" if tile.level is None else str(tile.level)
            shutil.rmtree(self._log / "tile" / kind / f"{number_path(tile.number)}.p", ignore_errors=True)

    def write_checkpoint(self, content: bytes) -> None:
        """Write the checkpoint; what it covers must be durable before."""
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
        # A new name is durable when its folder is; a new folder when the one above it is.
        for folder in {path.parent, *(folder.parent for folder in missing)}:
            sync_folder(folder)
