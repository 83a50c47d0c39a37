"""The stores of all datasets of one data directory: tables, quarantine tables, dedupe indexes, files of expired keys.

It opens them and checks that they agree with the metadata database. It writes nothing but an index that it rebuilds.
"""

import secrets
import shutil
from collections import OrderedDict
from pathlib import Path
from threading import Lock

from chartly.platform.clock import Clock
from chartly.platform.config import Config
from chartly.platform.metadata import Metadata
from chartly.platform.telemetry.log import Logger
from chartly.storage.arrow import native, pa
from chartly.storage.dedupe import expired_rows
from chartly.storage.dedupe.index import Indexes, Keys
from chartly.storage.dedupe.index_content import index_content
from chartly.storage.durable_files import sync_folder
from chartly.storage.errors import Corrupt
from chartly.storage.model import Changes, DatasetKey
from chartly.storage.names import APPLICATION, quarantine_application, quarantine_folder, table_folder
from chartly.storage.table.delta_table import LocalDeltaTable

from . import chunk_rows
from .dataset_rows import DatasetRow

# Open tables; one holds its list of live files, some hundred bytes each.
_TABLES_MAX = 64
# Datasets whose quarantine table was checked once in this process; a name each.
_CHECKED_MAX = 10_000


class DatasetStores:
    """Opens and checks the stores. Safe for threads; each dataset's writer is one thread at a time."""

    def __init__(self, config: Config, metadata: Metadata, clock: Clock, logger: Logger) -> None:
        self._metadata = metadata
        self._clock = clock
        self._logger = logger
        self.root = config.data_path / "canonical"
        """Folder of all tables."""
        self._expired_root = config.data_path / "expired"
        self.indexes = Indexes(config.data_path / "dedupe", config.limits, logger)
        self.quarantine_lock = Lock()
        """Guards every project's quarantine table: datasets of a project share it. Held for one commit of a few files."""
        self._lock = Lock()
        self._tables: OrderedDict[str, LocalDeltaTable] = OrderedDict()  # guarded by _lock
        self._quarantine_checked: OrderedDict[DatasetKey, None] = OrderedDict()  # guarded by _lock

    def table(self, key: DatasetKey) -> LocalDeltaTable:
        """Return the dataset's table."""
        return self._open(table_folder(key))

    def quarantine_table(self, key: DatasetKey) -> LocalDeltaTable:
        """Return the quarantine table of the dataset's project."""
        return self._open(quarantine_folder(key.tenant, key.project))

    def expired_folder(self, key: DatasetKey) -> Path:
        """Return the folder with the keys that retention removed from the dataset."""
        return self._expired_root / key.path

    def close(self) -> None:
        """Close the indexes."""
        self.indexes.close()

    def check(self, key: DatasetKey, held: DatasetRow | None) -> None:
        """Check that the dataset's tables hold the version that the metadata database has.

        Raises:
            Corrupt: a table holds another one.
        """
        version = held.dataset.version if held else 0
        in_table = self.table(key).sequence(APPLICATION)
        if in_table != version:
            raise Corrupt(f"table {key.dataset}", f"holds commit {in_table}, the metadata database {version}")
        self._check_quarantine(key, version)

    def look_up(self, key: DatasetKey, version: int, keys: "pa.Array") -> "pa.Array":
        """Return the record id that the dataset's index holds for each key, or null. A damaged index is rebuilt first."""
        try:
            return self.indexes.probe(key, keys)
        except native.IndexDamaged as broken:
            self._logger.warning("dedupe index broken", dataset=key.dataset, problem=str(broken))
            self.indexes.reset(key)
            self.ensure_index(key, version)
            return self.indexes.probe(key, keys)

    def ensure_index(self, key: DatasetKey, version: int) -> None:
        """Rebuild the dataset's index from its table if the index is behind, ahead or broken.

        Raises:
            Corrupt: the table that the index would be rebuilt from is gone.
        """
        if self.indexes.watermark(key) == version:
            return
        table = self.table(key)
        paths = table.paths() if table.exists() else []
        if version and not paths and table.sequence(APPLICATION) < version:
            raise Corrupt(f"table {key.dataset}", "its index is behind and the table is gone")
        self.rebuild_index(key, version)

    def rebuild_index(self, key: DatasetKey, version: int, pending: Changes | None = None) -> None:
        """Rebuild the dataset's index from its table and the keys that retention removed.

        Args:
            key: the dataset.
            version: the version that the index then reflects.
            pending: changes of a commit that is in the table, and whose rows are not in the metadata database yet.
        """
        with self._metadata.reading() as connection:
            names = expired_rows.paths(connection, key)
        names += [file.path for file in (pending.expired if pending else ()) if file.path not in names]
        table = self.table(key)
        self.indexes.rebuild(key, self._content(key, names, table), version)

    def remove_table(self, key: DatasetKey) -> None:
        """Delete the table of a dataset that has no committed version."""
        name = table_folder(key)
        with self._lock:
            self._tables.pop(name, None)
        path = self.root / name
        if path.exists():
            # The rename is atomic, the deletion is not.
            aside = path.with_name(f"{path.name}.removed-{secrets.token_hex(4)}")
            path.rename(aside)
            sync_folder(path.parent)
            shutil.rmtree(aside)

    def _content(self, key: DatasetKey, expired: list[str], table: LocalDeltaTable) -> Keys:
        return index_content([self.expired_folder(key) / name for name in expired], table.paths() if table.exists() else [])

    def _check_quarantine(self, key: DatasetKey, version: int) -> None:
        """Check the quarantine table, at a dataset's first commit of the process only: it reads all chunk rows."""
        with self._lock:
            if not version or key in self._quarantine_checked:
                return
        with self._metadata.reading() as connection:
            last = chunk_rows.last_held_back(connection, key.tenant, key.project, {key.dataset: version})
        if last:
            with self.quarantine_lock:
                held = self.quarantine_table(key).sequence(quarantine_application(key.dataset))
            require_quarantine_sequence(key.dataset, held, last[key.dataset])
        with self._lock:
            self._quarantine_checked[key] = None
            while len(self._quarantine_checked) > _CHECKED_MAX:
                self._quarantine_checked.popitem(last=False)

    def _open(self, name: str) -> LocalDeltaTable:
        with self._lock:
            if name not in self._tables:
                self._tables[name] = LocalDeltaTable(self.root / name, self._clock)
            self._tables.move_to_end(name)
            while len(self._tables) > _TABLES_MAX:
                self._tables.popitem(last=False)
            return self._tables[name]


def require_quarantine_sequence(dataset: str, held: int, written: int) -> None:
    """Check that the quarantine table holds the rows that a dataset's commits wrote into it.

    Args:
        dataset: its name.
        held: the dataset's last commit in the quarantine table.
        written: the last commit that wrote rows there, by the metadata database.

    Raises:
        Corrupt: the table's log lost a version.
    """
    if held < written:
        raise Corrupt("quarantine table", f"holds commit {held} of dataset {dataset}, the metadata database {written}")
