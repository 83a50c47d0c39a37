"""Writes a decided chunk's data files, for the dataset's table and for quarantine: durable, and not yet part of anything."""

from pathlib import Path

from msgspec.structs import replace

from chartly.platform.config import Limits
from chartly.storage.durable_files import make_folder, translated
from chartly.storage.model import Changes, Commit, TableFile, WriteMode
from chartly.storage.policy import StoragePolicy
from chartly.storage.quarantine.payloads import Attach
from chartly.storage.table.columns import PARTITION_PREFIX, partition_column
from chartly.storage.table.data_files import write_files
from chartly.storage.table.delta_log import Folder
from chartly.storage.table.envelope import bare_schema, canonical_rows, quarantine_rows, reason_counts
from chartly.storage.table.schema import files_only, grown, schema_of, schema_text, shaped

from .chunk import Chunk
from .replaced_rows import supersede

QUARANTINE_POLICY = StoragePolicy(index_fields=("quarantine_id", "dataset", "source_id", "run_id"))


def write_chunk(
    commit: Commit,
    chunk: Chunk,
    policy: StoragePolicy,
    table: Folder,
    quarantine: Folder,
    limits: Limits,
    attach: Attach,
    before: Changes | None = None,
) -> tuple[Commit, Changes]:
    """Write all files of a commit; gives the commit with its reasons, and what finishing it will change.

    ``before`` is what the commit before will change, where that is decided together with this one: the table isn't there yet.

    Raises:
        ColumnConflict: a column doesn't fit the dataset's; nothing is left behind.
        DiskFull, StoreUnavailable: as above.
    """
    quarantined = quarantine_rows(chunk.rejected, chunk.conflicts, chunk.expired, commit)
    if quarantined is not None:
        quarantined = attach(quarantined, commit, policy.seal_quarantine)
    written: list[tuple[Path, tuple[TableFile, ...]]] = []
    try:
        if commit.mode is WriteMode.REPLACE:
            changes = _replaced(commit, chunk, table, limits)
        else:
            changes = _appended(commit, chunk, policy, table, limits, before)
        written.append((table.path, changes.added))
        files: tuple[TableFile, ...] = ()
        if quarantined is not None:
            with translated():
                make_folder(quarantine.path)
            files = write_files(quarantine.path, quarantined, commit.sequence, QUARANTINE_POLICY, limits.commit_partitions_max)
            written.append((quarantine.path, files))
    except BaseException:
        for folder, done in written:
            sweep(folder, done)
        raise
    schema = schema_text(quarantined.schema) if quarantined is not None else ""
    changed = Changes(
        schema=changes.schema,
        partition_columns=changes.partition_columns,
        added=changes.added,
        removed=changes.removed,
        quarantined=files,
        quarantine_schema=schema,
    )
    return _with_reasons(commit, reason_counts(quarantined)), changed


def sweep(folder: Path, files: tuple[TableFile, ...]) -> None:
    """Delete files that no commit names."""
    for file in files:
        (folder / file.path).unlink(missing_ok=True)


def _replaced(commit: Commit, chunk: Chunk, table: Folder, limits: Limits) -> Changes:
    rows = chunk.rows
    if rows is None:
        return Changes()
    with translated():
        make_folder(table.path)
    added = write_files(table.path, rows, commit.sequence, StoragePolicy(), limits.commit_partitions_max)
    return Changes(schema=schema_text(rows.schema), added=added)


def _appended(commit: Commit, chunk: Chunk, policy: StoragePolicy, table: Folder, limits: Limits, before: Changes | None) -> Changes:
    held = table.schema()
    columns = files_only(held)
    partitions = table.partition_columns()
    if before is not None:
        columns, partitions = schema_of(before.schema), before.partition_columns
    elif held is None:
        # A table keeps the partitioning that it was created with; a profile that changes it takes effect with a rebuild.
        partitions = tuple(partition_column(field) for field in policy.partition_by)
    if chunk.rows is None:
        schema = columns if columns is not None else bare_schema()
        return Changes(schema=schema_text(schema), partition_columns=partitions)
    rows = canonical_rows(chunk.rows, commit)
    schema = grown(columns, rows.schema)
    rows = shaped(rows, schema)
    with translated():
        make_folder(table.path)
    as_created = _as_partitioned(policy, partitions)
    added = write_files(table.path, rows, commit.sequence, as_created, limits.commit_partitions_max)
    removed: tuple[str, ...] = ()
    if len(chunk.replaced_keys):
        rewritten, removed = supersede(table, chunk.replaced_keys, commit.sequence, len(added), as_created)
        added += rewritten
    return Changes(schema=schema_text(schema), partition_columns=partitions, added=added, removed=removed)


def _as_partitioned(policy: StoragePolicy, partitions: tuple[str, ...]) -> StoragePolicy:
    fields = tuple(name.removeprefix(PARTITION_PREFIX) for name in partitions)
    return StoragePolicy(partition_by=fields, granularity=policy.granularity, index_fields=policy.index_fields)


def _with_reasons(commit: Commit, reasons: dict[str, int]) -> Commit:
    return replace(commit, reasons=reasons)
