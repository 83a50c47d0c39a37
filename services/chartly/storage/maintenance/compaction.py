"""Compact tables for fast reads: merge small files, write checkpoints, delete files that no reader needs. The rows stay the same.

A compaction runs between commits, once a table has more than a bound of small files, so its cost is spread over the commits that made
them. One pass writes no more than a large file or two, so that a commit never waits for a large table to be merged as a whole.
"""

from chartly.platform.config import Limits
from chartly.platform.metadata import Metadata
from chartly.platform.telemetry.log import Logger
from chartly.storage.commit import dataset_rows
from chartly.storage.commit import rows as commit_rows
from chartly.storage.commit.chunk_files import policy_of_table
from chartly.storage.commit.dataset_rows import DatasetRow
from chartly.storage.commit.failpoints import CommitFailpoint, reached
from chartly.storage.commit.stores import DatasetStores
from chartly.storage.durable_files import sync_folder, translated
from chartly.storage.model import DatasetKey, TableFile
from chartly.storage.names import APPLICATION
from chartly.storage.policy import StoragePolicy
from chartly.storage.table.data_files import deleted_on_failure, read_files, write_file
from chartly.storage.table.delta_table import LocalDeltaTable

from .file_groups import first_pass, groups_to_merge


class Compactor:
    """Compacts tables. Blocking; the caller holds the dataset's lock."""

    def __init__(self, stores: DatasetStores, limits: Limits, metadata: Metadata, logger: Logger) -> None:
        self._stores = stores
        self._limits = limits
        self._metadata = metadata
        self._logger = logger

    def compact(self, key: DatasetKey) -> bool:
        """Do one pass over the dataset's table and one over its project's quarantine table, where due; return whether any was."""
        merged = self._compact_dataset(key)
        return self._compact_quarantine(key) or merged

    def vacuum(self, key: DatasetKey) -> None:
        """Delete files of the dataset's table that only versions past the time-travel window refer to."""
        table = self._stores.table(key)
        if self._settled(key, table) is not None:
            table.maintain(retention_s=self._limits.snapshot_retention_s)
            reached(CommitFailpoint.TABLE_VACUUMED)

    def _compact_dataset(self, key: DatasetKey) -> bool:
        table = self._stores.table(key)
        held = self._settled(key, table)
        if held is None:
            return False
        version = self._merge(table, held.dataset.version, policy_of_table(held.policy, table.partition_columns()))
        if version is None:
            return False
        reached(CommitFailpoint.TABLE_COMPACTED)
        with self._metadata.writing() as connection:
            commit_rows.moved(connection, key, held.dataset.version, version)
        reached(CommitFailpoint.COMPACTION_NOTED)
        table.maintain(retention_s=self._limits.snapshot_retention_s)
        reached(CommitFailpoint.TABLE_VACUUMED)
        self._logger.info("table compacted", dataset=key.dataset, table_version=version)
        return True

    def _settled(self, key: DatasetKey, table: LocalDeltaTable) -> DatasetRow | None:
        """Return the dataset if its table holds the last version and no commit is unfinished; else None.

        A compaction that was interrupted after its table commit left the dataset's version in another version of the table than the row
        says. The row is corrected here, before the files of the older table version are deleted.
        """
        with self._metadata.reading() as connection:
            held = dataset_rows.find(connection, key)
            unfinished = bool(commit_rows.prepared_of(connection, key))
            last = commit_rows.by_sequence(connection, key, held.dataset.version) if held else None
        if held is None or last is None or unfinished or not table.exists():
            return None
        if table.sequence(APPLICATION) != held.dataset.version:
            return None
        if table.version() != last.delta_version:
            with self._metadata.writing() as connection:
                commit_rows.moved(connection, key, held.dataset.version, table.version())
        return held

    def _compact_quarantine(self, key: DatasetKey) -> bool:
        table = self._stores.quarantine_table(key)
        with self._stores.quarantine_lock:
            if not table.exists() or self._merge(table, 0, StoragePolicy(index_fields=("quarantine_id",))) is None:
                return False
            with self._metadata.reading() as connection:
                unfinished = commit_rows.unfinished(connection)
            if not any((other.tenant, other.project) == (key.tenant, key.project) for other in unfinished):
                # A prepared commit's files are in no table version yet, and must not be deleted as orphans.
                table.maintain(retention_s=self._limits.snapshot_retention_s)
            return True

    def _merge(self, table: LocalDeltaTable, sequence: int, policy: StoragePolicy) -> int | None:
        """Merge small files, if there are enough of them; return the table's new version."""
        groups = groups_to_merge(
            table.live_files(),
            small_files_max=self._limits.table_small_files_max,
            file_bytes_target=self._limits.table_file_bytes_target,
        )
        if not groups:
            return None
        groups = first_pass(groups, bytes_max=self._limits.table_file_bytes_target)
        added: list[TableFile] = []
        with translated(), deleted_on_failure(table.path, added):
            for group in groups:
                rows = read_files([table.path / file.path for file in group])
                added.append(write_file(table.path, rows, sequence, len(added), dict(group[0].partition), policy))
            sync_folder(table.path)
        reached(CommitFailpoint.COMPACTION_WRITTEN)
        return table.rewrite(added, [file.path for group in groups for file in group])
