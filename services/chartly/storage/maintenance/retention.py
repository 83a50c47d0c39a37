"""Removes expired records from a table: whole files if all of their rows are expired, else the files are rewritten without these rows.

The storage profile says when a record expires. This module commits nothing, and reads no payload.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from chartly.storage.arrow import native, pa, pc, pq
from chartly.storage.commit.chunk_files import policy_of_table
from chartly.storage.commit.dataset_rows import DatasetRow
from chartly.storage.dedupe.index_content import expired_ids
from chartly.storage.durable_files import sync_folder, translated
from chartly.storage.errors import Corrupt
from chartly.storage.model import TableFile, WriteMode
from chartly.storage.policy import StoragePolicy
from chartly.storage.table import columns as c
from chartly.storage.table.data_files import deleted_on_failure, read_files, write_file
from chartly.storage.table.delta_table import LocalDeltaTable
from chartly.storage.table.digests import chunk_digest, digest_column, no_digests
from chartly.storage.table.live_file import LiveFile

from .change import DatasetChange


@dataclass(frozen=True)
class ExpiredFiles:
    """Files of a table with expired rows."""

    kept_since: datetime
    by: str
    whole: tuple[LiveFile, ...] = ()
    partly: tuple[LiveFile, ...] = ()
    rows: int = 0
    more: bool = False
    """Whether the bound of rows was reached and more files have expired rows."""


@dataclass
class _Removed:
    keys: list["pa.Array"] = field(default_factory=list["pa.Array"])
    record_ids: list["pa.Array"] = field(default_factory=list["pa.Array"])


def find_expired(table: LocalDeltaTable, policy: StoragePolicy, kept_since: datetime, rows_max: int) -> ExpiredFiles:
    """Find the files with rows from before ``kept_since``, oldest files first, up to about ``rows_max`` rows.

    Raises:
        Corrupt: a file is missing or can't be read.
    """
    whole: list[LiveFile] = []
    partly: list[LiveFile] = []
    rows = 0
    for file in sorted(table.live_files()):
        of_file, expired = _count(table.path / file.path, policy.retention_by, kept_since)
        if not expired:
            continue
        if rows >= rows_max:
            return ExpiredFiles(kept_since, policy.retention_by, tuple(whole), tuple(partly), rows, more=True)
        (whole if expired == of_file else partly).append(file)
        rows += expired
    return ExpiredFiles(kept_since, policy.retention_by, tuple(whole), tuple(partly), rows)


def retain(table: LocalDeltaTable, held: DatasetRow, expired: ExpiredFiles, principal: str) -> DatasetChange:
    """Rewrite the files that have rows left; return the change to commit.

    Raises:
        Corrupt: a file is missing or can't be read.
        DiskFull, StoreUnavailable: a file can't be written; no file is left behind.
    """
    content = native.ContentHash(held.content_state or None)
    added: list[TableFile] = []
    removed = _Removed()
    with translated(), deleted_on_failure(table.path, added):
        for file in expired.whole:
            _take(read_files([table.path / file.path], columns=(c.IDEMPOTENCY_KEY, c.RECORD_ID)), content, removed)
        for file in expired.partly:
            added.append(_rewritten(table, file, held, expired, content, removed, len(added)))
        if expired.partly:
            sync_folder(table.path)
    keys, record_ids = _joined(removed.keys), _joined(removed.record_ids)
    facts: dict[str, Any] = {
        "kept_since": expired.kept_since.isoformat(),
        "retention_by": expired.by,
        "retention_days": held.policy.retention_days or 0,
        "rows_removed": len(keys),
        "files_removed": len(expired.whole),
        "files_rewritten": len(expired.partly),
        "removed_ids_digest": chunk_digest(record_ids),
    }
    paths = tuple(file.path for file in (*expired.whole, *expired.partly))
    return DatasetChange(
        mode=WriteMode.RETAIN,
        keys=keys,
        index_ids=expired_ids(len(keys)),
        added=tuple(added),
        removed=paths,
        rows_added=-len(keys),
        content=content,
        facts=facts,
        principal=principal,
    )


def _rewritten(
    table: LocalDeltaTable,
    file: LiveFile,
    held: DatasetRow,
    expired: ExpiredFiles,
    content: "native.ContentHash",
    removed: _Removed,
    part: int,
) -> TableFile:
    rows = read_files([table.path / file.path])
    old = _is_expired(rows, expired.by, expired.kept_since)
    _take(rows.filter(old), content, removed)
    policy = policy_of_table(held.policy, table.partition_columns())
    return write_file(table.path, rows.filter(pc.invert(old)), held.dataset.version + 1, part, dict(file.partition), policy)


def _take(rows: "pa.Table", content: "native.ContentHash", removed: _Removed) -> None:
    keys, record_ids = digest_column(rows.column(c.IDEMPOTENCY_KEY)), digest_column(rows.column(c.RECORD_ID))
    content.remove(keys, record_ids)
    removed.keys.append(keys)
    removed.record_ids.append(record_ids)


def _count(path: Path, by: str, kept_since: datetime) -> tuple[int, int]:
    """Count a file's rows and its expired ones. Reads only the footer if its statistics suffice."""
    names = _compared(by)
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            metadata = file.metadata
            if len(names) == 1:
                bounds = _bounds(metadata, names[0])
                if bounds is not None and bounds[0] >= kept_since:
                    return metadata.num_rows, 0
                if bounds is not None and bounds[1] < kept_since:
                    return metadata.num_rows, metadata.num_rows
            rows = file.read([name for name in names if name in file.schema_arrow.names])
    except (pa.ArrowException, OSError) as broken:
        raise Corrupt(f"table file {path.name}", "can't be read") from broken
    return rows.num_rows, pc.sum(_is_expired(rows, by, kept_since)).as_py() or 0


def _compared(by: str) -> tuple[str, ...]:
    """Return the columns that say a record's age. A record without ``occurred_at`` is as old as its commit."""
    return (c.INGESTED_AT,) if by == "ingested_at" else (c.OCCURRED_AT, c.INGESTED_AT)


def _is_expired(rows: "pa.Table", by: str, kept_since: datetime) -> "pa.ChunkedArray":
    instants = [rows.column(name) for name in _compared(by) if name in rows.column_names]
    return pc.less(pc.coalesce(*instants), pa.scalar(kept_since, pa.timestamp("us", "UTC")))


def _bounds(metadata: Any, name: str) -> tuple[datetime, datetime] | None:
    """Return a column's smallest and largest value from the footer's statistics; None if a row group has none."""
    least: list[datetime] = []
    most: list[datetime] = []
    for group in range(metadata.num_row_groups):
        columns = metadata.row_group(group)
        at = next((index for index in range(columns.num_columns) if columns.column(index).path_in_schema == name), None)
        statistics = None if at is None else columns.column(at).statistics
        if statistics is None or not statistics.has_min_max or statistics.null_count:
            return None
        least.append(statistics.min)
        most.append(statistics.max)
    return (min(least), max(most)) if least else None


def _joined(arrays: Sequence["pa.Array"]) -> "pa.Array":
    return pa.concat_arrays([no_digests(), *arrays])
