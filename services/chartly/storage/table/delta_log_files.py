"""The files of a Delta table's transaction log: entries and checkpoints, synced to disk.

A checkpoint is derived from the log entries. One that was damaged by a power loss is put aside, and the entries are read instead.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from chartly.storage.durable_files import sync_file, sync_folder

if TYPE_CHECKING:
    from chartly.storage.arrow import deltalake

_LOG = "_delta_log"
_ENTRY = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint(\.[0-9.]+)?\.parquet")


class DeltaLogFiles:
    """The log of one table."""

    def __init__(self, table: Path) -> None:
        self.folder = table / _LOG

    def entries(self) -> Iterator[Path]:
        """Return the log entries in their order; none before the table is created."""
        if not self.folder.is_dir():
            return iter(())
        return (path for path in sorted(self.folder.iterdir()) if _ENTRY.fullmatch(path.name))

    def sync_entry(self, version: int) -> None:
        """Make the entry of a version durable."""
        sync_file(self.folder / f"{version:020d}.json")
        sync_folder(self.folder)

    def write_checkpoint(self, table: "deltalake.DeltaTable") -> None:
        """Write a checkpoint of the table's last version, durably."""
        table.create_checkpoint()
        for path in self.folder.iterdir():
            if _CHECKPOINT.fullmatch(path.name) or path.name == "_last_checkpoint":
                sync_file(path)
        sync_folder(self.folder)

    def put_checkpoint_aside(self) -> bool:
        """Rename the last checkpoint, so that readers use the entries; return whether there was one."""
        checkpoints = sorted(path for path in self.folder.iterdir() if _CHECKPOINT.fullmatch(path.name))
        if not checkpoints:
            return False
        checkpoints[-1].rename(checkpoints[-1].with_suffix(".broken"))
        (self.folder / "_last_checkpoint").unlink(missing_ok=True)
        sync_folder(self.folder)
        return True
