"""Keeps tables quick to read: merges small files, writes checkpoints, drops what no reader needs. The rows stay the same.

Runs in the dataset's lane, between commits, when a bound of small files is passed: its cost is spread over the commits that made them. A
pass writes no more than a large file or two, so that a commit never waits for the whole of a large table to be merged.
"""

from threading import Lock

from chartly.platform.config import Limits
from chartly.platform.metadata import Metadata
from chartly.platform.telemetry.log import Logger
from chartly.storage.commit import dataset_rows
from chartly.storage.commit import rows as commit_rows
from chartly.storage.commit.dataset_rows import DatasetRow
from chartly.storage.commit.failpoints import Point, reached
from chartly.storage.durable_files import sync_folder, translated
from chartly.storage.model import DatasetKey, TableFile
from chartly.storage.names import APPLICATION
from chartly.storage.policy import StoragePolicy
from chartly.storage.table.columns import PARTITION_PREFIX
from chartly.storage.table.data_files import read_files, write_file
from chartly.storage.table.delta_log import Folder
from chartly.storage.table.file_groups import a_pass, groups_to_merge


class Maintenance:
    """Compacts one table at a time."""

    def __init__(self, limits: Limits, metadata: Metadata, logger: Logger) -> None:
        self._limits = limits
        self._metadata = metadata
        self._logger = logger

    def compact_dataset(self, key: DatasetKey, folder: Folder) -> bool:
        """Do one pass over a dataset's table if it is due, and tell whether it was; readers get the merged files then."""
        held = self._settled(key, folder)
        if held is None:
            return False
        partitions = tuple(name.removeprefix(PARTITION_PREFIX) for name in folder.partition_columns())
        policy = StoragePolicy(partition_by=partitions, granularity=held.policy.granularity, index_fields=held.policy.index_fields)
        version = self._compact(folder, held.dataset.version, policy)
        if version is None:
            return False
        reached(Point.TABLE_COMPACTED)
        with self._metadata.writing() as connection:
            commit_rows.moved(connection, key, held.dataset.version, version)
        reached(Point.COMPACTION_NOTED)
        folder.maintain(retention_s=self._limits.snapshot_retention_s)
        reached(Point.TABLE_VACUUMED)
        self._logger.info("table compacted", dataset=key.dataset, table_version=version)
        return True

    def vacuum_dataset(self, key: DatasetKey, folder: Folder) -> bool:
        """Drop a table's files that only versions past the time-travel window refer to."""
        if self._settled(key, folder) is None:
            return False
        folder.maintain(retention_s=self._limits.snapshot_retention_s)
        reached(Point.TABLE_VACUUMED)
        return True

    def _settled(self, key: DatasetKey, folder: Folder) -> DatasetRow | None:
        """Give a dataset whose table holds its last version and nothing unfinished.

        A compaction that was cut off after its commit left that version in another version of the table than the row says: noted here,
        before the files of the older one are dropped.
        """
        with self._metadata.reading() as connection:
            held = dataset_rows.find(connection, key)
            unfinished = bool(commit_rows.prepared_of(connection, key))
            last = commit_rows.by_sequence(connection, key, held.dataset.version) if held else None
        if held is None or last is None or unfinished or not folder.exists():
            return None
        if folder.sequence(APPLICATION) != held.dataset.version:
            return None
        if folder.version() != last.delta_version:
            with self._metadata.writing() as connection:
                commit_rows.moved(connection, key, held.dataset.version, folder.version())
        return held

    def compact_quarantine(self, key: DatasetKey, folder: Folder, lock: Lock) -> bool:
        """Do one pass over a project's quarantine table if it is due, and tell whether it was."""
        with lock:
            if not folder.exists() or self._compact(folder, 0, StoragePolicy(index_fields=("quarantine_id",))) is None:
                return False
            with self._metadata.reading() as connection:
                unfinished = commit_rows.unfinished(connection)
            if not any((other.tenant, other.project) == (key.tenant, key.project) for other in unfinished):
                # A prepared commit's files are in no version yet, and must not be taken for orphans.
                folder.maintain(retention_s=self._limits.snapshot_retention_s)
            return True

    def _compact(self, folder: Folder, sequence: int, policy: StoragePolicy) -> int | None:
        groups = groups_to_merge(
            folder.live_files(),
            small_files_max=self._limits.table_small_files_max,
            file_bytes_target=self._limits.table_file_bytes_target,
        )
        if not groups:
            return None
        groups = a_pass(groups, bytes_max=self._limits.table_file_bytes_target)
        added: list[TableFile] = []
        for group in groups:
            rows = read_files([folder.path / file.path for file in group])
            with translated():
                added.append(write_file(folder.path, rows, sequence, len(added), dict(group[0].partition), policy))
        with translated():
            sync_folder(folder.path)
        reached(Point.COMPACTION_WRITTEN)
        return folder.rewrite(added, [file.path for group in groups for file in group])
