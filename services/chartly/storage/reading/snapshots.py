"""Finds the files and columns of a dataset at a version.

It reads the table's log itself, so that a reader never waits for a writer.
"""

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from chartly.storage.arrow import delta_errors, deltalake, pa
from chartly.storage.errors import Corrupt, VersionUnknown
from chartly.storage.model import Column, Commit
from chartly.storage.names import sequence_in, table_folder
from chartly.storage.table.schema import columns_of

# File lists in memory: of versions that are being paged through.
_KEPT_MAX = 256


class DatasetSnapshot(NamedTuple):
    """A table at a version. Its columns are those of that version, even if some files lack one."""

    files: tuple[Path, ...]
    columns: tuple[Column, ...]


class Snapshots:
    """A cache of snapshots by dataset and table version. A snapshot never changes. Safe for threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._kept: OrderedDict[tuple[str, int], DatasetSnapshot] = OrderedDict()  # guarded by _lock
        self._lock = Lock()

    def table(self, commit: Commit) -> Path:
        """Return the folder of the commit's table."""
        return self._root / table_folder(commit.key)

    def at(self, commit: Commit) -> DatasetSnapshot:
        """Return the dataset as of a commit, its files in the order of their names.

        Commits of a group share a version of the table. The files of later commits of the group are left out.

        Raises:
            VersionUnknown: the version is so old that its files are gone.
            Corrupt: a file of the last version is gone.
        """
        name = (commit.key.path, commit.delta_version)
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return _until(commit, self._kept[name])
        found = self._read(commit)
        with self._lock:
            self._kept[name] = found
            while len(self._kept) > _KEPT_MAX:
                self._kept.popitem(last=False)
        return _until(commit, found)

    def _read(self, commit: Commit) -> DatasetSnapshot:
        try:
            table = deltalake.DeltaTable(str(self.table(commit)), version=commit.delta_version)
        except (delta_errors.DeltaError, OSError, ValueError) as gone:
            raise VersionUnknown(commit.key.dataset, commit.sequence) from gone
        return DatasetSnapshot(tuple(sorted(Path(uri) for uri in table.file_uris())), columns_of(pa.schema(table.schema())))


def _until(commit: Commit, found: DatasetSnapshot) -> DatasetSnapshot:
    return found._replace(files=tuple(path for path in found.files if sequence_in(path.name) <= commit.sequence))


class Last(NamedTuple):
    """A table's last version."""

    files: list[Path]
    columns: frozenset[str]
    """All columns of the table."""
    table: "deltalake.DeltaTable | None" = None
    """None before the table is created."""

    def sequence(self, application: str) -> int:
        """Return the last sequence of ``application`` in the table; 0 for none."""
        return 0 if self.table is None else self.table.transaction_version(application) or 0


def last_files(table: Path) -> Last:
    """Return files and columns of a table's last version; none before the table is created.

    Raises:
        Corrupt: its log can't be read.
    """
    if not (table / "_delta_log").is_dir():
        return Last([], frozenset())
    try:
        opened = deltalake.DeltaTable(str(table))
        return Last(sorted(Path(uri) for uri in opened.file_uris()), frozenset(field.name for field in opened.schema().fields), opened)
    except delta_errors.TableNotFoundError:
        return Last([], frozenset())
    except (delta_errors.DeltaError, OSError, ValueError) as broken:
        raise Corrupt(f"table {table.name}", "its transaction log can't be read") from broken


def require_files(commit: Commit, files: tuple[Path, ...], *, last: bool) -> None:
    """Check that all files exist.

    Raises:
        VersionUnknown: a file of an older version was deleted.
        Corrupt: a file of the last version is missing.
    """
    missing = next((path for path in files if not path.exists()), None)
    if missing is None:
        return
    if last:
        raise Corrupt(f"table file {missing.name}", "is missing")
    raise VersionUnknown(commit.key.dataset, commit.sequence)
