"""Writes a decided chunk's data files, for the dataset's table and for quarantine. They are durable, and visible to no reader yet."""

from msgspec.structs import replace

from chartly.platform.config import Limits
from chartly.storage.dedupe.decide import DecidedChunk
from chartly.storage.durable_files import make_folder, translated
from chartly.storage.model import Changes, Commit, TableFile, WriteMode
from chartly.storage.policy import StoragePolicy
from chartly.storage.table.columns import PARTITION_PREFIX, partition_column
from chartly.storage.table.data_files import deleted_on_failure, write_files
from chartly.storage.table.delta_table import LocalDeltaTable
from chartly.storage.table.envelope import bare_schema, canonical_rows, quarantine_rows, reason_counts
from chartly.storage.table.retention_column import require_points_in_time
from chartly.storage.table.schema import conformed, files_only, schema_of, schema_text, with_new_columns

from .quarantine_hooks import QuarantineHooks
from .replaced_rows import remove_replaced
from .stores import DatasetStores

QUARANTINE_POLICY = StoragePolicy(index_fields=("quarantine_id", "dataset", "source_id", "run_id"))
"""How the quarantine table's files are sorted."""


class ChunkWriter:
    """Writes the files of decided chunks. Blocking; one thread a dataset."""

    def __init__(self, stores: DatasetStores, hooks: QuarantineHooks, limits: Limits) -> None:
        self._stores = stores
        self._hooks = hooks
        self._limits = limits

    def write(self, commit: Commit, chunk: DecidedChunk, policy: StoragePolicy, before: Changes | None = None) -> tuple[Commit, Changes]:
        """Write all files of a commit; return the commit with its quarantine reasons, and the changes that finishing it will make.

        Args:
            commit: the commit.
            chunk: its records.
            policy: the dataset's storage policy.
            before: changes of the commit before, if both are decided together: the table does not have them yet.

        Raises:
            ColumnConflict, ColumnCaseConflict, ColumnsRefused: a column doesn't fit the dataset's; no file is left behind.
            RetentionColumnInvalid: the policy counts retention from a column without points in time; no file is left behind.
            DiskFull, StoreUnavailable: a file can't be written; no file is left behind.
        """
        table, quarantine = self._stores.table(commit.key), self._stores.quarantine_table(commit.key)
        held_back = quarantine_rows(chunk.rejected, chunk.conflicts, chunk.expired, commit)
        if held_back is not None:
            held_back = self._hooks.attach_payloads(held_back, commit, seal_all=policy.seal_quarantine)
        if commit.mode is WriteMode.REPLACE:
            changes = self._replaced(commit, chunk, table)
        else:
            changes = self._appended(commit, chunk, policy, table, before)
        files: tuple[TableFile, ...] = ()
        if held_back is not None:
            with translated(), deleted_on_failure(table.path, changes.added):
                make_folder(quarantine.path)
                files = write_files(quarantine.path, held_back, commit.sequence, QUARANTINE_POLICY, self._limits.commit_partitions_max)
        schema = schema_text(held_back.schema) if held_back is not None else ""
        commit = replace(commit, reasons=reason_counts(held_back))
        return commit, replace(changes, quarantined=files, quarantine_schema=schema)

    def _replaced(self, commit: Commit, chunk: DecidedChunk, table: LocalDeltaTable) -> Changes:
        if chunk.rows is None:
            return Changes()
        table.check_columns(chunk.rows.schema, ())
        with translated():
            make_folder(table.path)
        added = write_files(table.path, chunk.rows, commit.sequence, StoragePolicy(), self._limits.commit_partitions_max)
        return Changes(schema=schema_text(chunk.rows.schema), added=added)

    def _appended(
        self, commit: Commit, chunk: DecidedChunk, policy: StoragePolicy, table: LocalDeltaTable, before: Changes | None
    ) -> Changes:
        held = table.schema()
        columns, partitions = files_only(held), table.partition_columns()
        if before is not None:
            columns, partitions = schema_of(before.schema), before.partition_columns
        elif held is None:
            # A table keeps the partitioning that it was created with; a profile that changes it takes effect with a reprocess.
            partitions = tuple(partition_column(field) for field in policy.partition_by)
        if chunk.rows is None:
            schema = columns if columns is not None else bare_schema()
            return Changes(schema=schema_text(schema), partition_columns=partitions)
        rows = canonical_rows(chunk.rows, commit)
        schema = with_new_columns(columns, rows.schema)
        require_points_in_time(policy, schema)
        table.check_columns(schema, partitions)
        rows = conformed(rows, schema)
        with translated():
            make_folder(table.path)
        as_created = policy_of_table(policy, partitions)
        added = write_files(table.path, rows, commit.sequence, as_created, self._limits.commit_partitions_max)
        removed: tuple[str, ...] = ()
        if len(chunk.replaced_keys):
            with deleted_on_failure(table.path, added):
                rewritten, removed = remove_replaced(table, chunk.replaced_keys, commit.sequence, len(added), as_created)
            added += rewritten
        return Changes(schema=schema_text(schema), partition_columns=partitions, added=added, removed=removed)


def policy_of_table(policy: StoragePolicy, partition_columns: tuple[str, ...]) -> StoragePolicy:
    """Return the policy for writing files of a table: its original partitioning, and the sort order of its current profile."""
    fields = tuple(name.removeprefix(PARTITION_PREFIX) for name in partition_columns)
    return StoragePolicy(partition_by=fields, granularity=policy.granularity, index_fields=policy.index_fields)
