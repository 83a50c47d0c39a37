"""Writes and reads the data files of a table: rows sorted, divided by partition, with statistics and bloom filters, named by digest.

It commits nothing. A file that no commit refers to is visible to no reader, and is deleted later.
"""

import hashlib
import json
from collections.abc import Collection, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from chartly.storage.arrow import pa, pc, pq
from chartly.storage.durable_files import sync_folder, translated, write_durable
from chartly.storage.errors import Corrupt
from chartly.storage.model import TableFile
from chartly.storage.names import data_file
from chartly.storage.policy import StoragePolicy

from .columns import IDEMPOTENCY_KEY, OCCURRED_AT, RAW_LINE, RAW_OFFSET, RECORD_ID, SEQUENCE, partition_column

# Rows of a row group: a few MB for usual records, so that a reader of one day skips the other row groups.
_ROW_GROUP_ROWS = 65_536
# The writer's fastest zstd level: a third of snappy's size at nearly its speed.
_COMPRESSION_LEVEL = 1
_UNIQUE = frozenset({IDEMPOTENCY_KEY, RECORD_ID, RAW_LINE, RAW_OFFSET})
# One in a hundred lookups reads a row group for nothing; at 1.2 bytes a value.
_BLOOM_FALSE_POSITIVES = 0.01
# Text statistics are exact or absent: a truncated bound would have to be rounded, and prunes little more.
_STATS_TEXT_CHARACTERS_MAX = 64
# Threads: each one waits for the disk at its end, and encodes without the interpreter lock.
_FILES_AT_ONCE = 4
# A later instant can't be rounded up: there is no year 10000.
_LAST_MILLISECOND = datetime(9999, 12, 31, 23, 59, 59, 998_999, UTC)
_FORMATS = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


def write_files(folder: Path, table: "pa.Table", sequence: int, policy: StoragePolicy, partitions_max: int) -> tuple[TableFile, ...]:
    """Write a commit's rows as data files of the table in ``folder``; all are durable on return. If one fails, all are deleted.

    Rows of more than ``partitions_max`` partitions go into one sorted file without partition values. Readers skip its row groups by their
    statistics just as well, and a backfill over years does not become a thousand files of one row.
    """
    if not table.num_rows:
        return ()
    parts = list(_cut(table, policy, partitions_max))
    written: list[TableFile] = []

    def write(part: int) -> TableFile:
        partition, rows = parts[part]
        file = _write_sorted(folder, rows, sequence, part, partition, policy)
        written.append(file)
        return file

    with translated(), deleted_on_failure(folder, written):
        if len(parts) == 1:
            # The usual case, on the path of every commit: needs no thread.
            files = (write(0),)
        else:
            with ThreadPoolExecutor(min(len(parts), _FILES_AT_ONCE), "table-file") as threads:
                files = tuple(threads.map(write, range(len(parts))))
        sync_folder(folder)
    return files


@contextmanager
def deleted_on_failure(folder: Path, files: Collection[TableFile]) -> Generator[None]:
    """Delete the files that are in ``files`` when the block raises: no commit refers to them."""
    try:
        yield
    except BaseException:
        delete_files(folder, files)
        raise


def delete_files(folder: Path, files: Iterable[TableFile]) -> None:
    """Delete files that belong to no commit."""
    for file in files:
        (folder / file.path).unlink(missing_ok=True)


def read_files(paths: list[Path], *, columns: tuple[str, ...] | None = None) -> "pa.Table":
    """Read files as one table. A column that a file lacks is null in its rows.

    Args:
        paths: the files.
        columns: the columns to read, which all files have; None for all.

    Raises:
        Corrupt: a file is missing or can't be read.
    """
    tables: list[pa.Table] = []
    wanted = list(columns) if columns else None
    for path in paths:
        try:
            tables.append(pq.read_table(path, columns=wanted, partitioning=None, page_checksum_verification=True))
        except (pa.ArrowException, OSError) as broken:
            raise Corrupt(f"table file {path.name}", "can't be read") from broken
    return pa.concat_tables(tables, promote_options="default")


def _cut(table: "pa.Table", policy: StoragePolicy, partitions_max: int) -> Iterator[tuple[dict[str, str | None], "pa.Table"]]:
    """Yield the values and sorted rows of each partition. All rows are sorted once, by partition first; a partition is a slice."""
    fields = [field for field in policy.partition_by if field in table.column_names]
    names = [partition_column(field) for field in fields]
    if not fields:
        yield {}, _sorted(table, policy)
        return
    cuts = pa.table({name: _cut_values(table.column(field), policy) for name, field in zip(names, fields, strict=True)})
    if cuts.group_by(names).aggregate([]).num_rows > partitions_max:
        yield dict.fromkeys(names), _sorted(table, policy)
        return
    order = _order(_appended(table, cuts), names + _sort_keys(table, policy))
    table, cuts = table.take(order), cuts.take(order)
    # On one thread, groups are in the order of their first rows.
    counted = cuts.group_by(names, use_threads=False).aggregate([([], "count_all")])
    counts: list[int] = counted.column("count_all").to_pylist()
    values = [_partition_values(counted.column(name), policy) for name in names]
    start = 0
    for place, count in enumerate(counts):
        yield {name: column[place] for name, column in zip(names, values, strict=True)}, table.slice(start, count)
        start += count


def _appended(table: "pa.Table", more: "pa.Table") -> "pa.Table":
    for name in more.column_names:
        table = table.append_column(name, more.column(name))
    return table


def _cut_values(column: "pa.ChunkedArray", policy: StoragePolicy) -> "pa.ChunkedArray":
    """Return the partition of each value: for an instant the start of its hour, day, month or year; any other value as text."""
    if pa.types.is_timestamp(column.type):
        # Without a zone: all instants are UTC, so Arrow needs no time zone database.
        return pc.floor_temporal(column.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us")), unit=policy.granularity)
    return column.cast(pa.string())


def _partition_values(column: "pa.ChunkedArray", policy: StoragePolicy) -> list[str | None]:
    """Return the partitions as the table's log writes them."""
    if pa.types.is_timestamp(column.type):
        # Cast to seconds first: %S would write the fraction too.
        return pc.strftime(column.cast(pa.timestamp("s", "UTC")), format=_FORMATS[policy.granularity]).to_pylist()
    return column.to_pylist()


def _sort_keys(table: "pa.Table", policy: StoragePolicy) -> list[str]:
    wanted = dict.fromkeys((*policy.partition_by, *policy.index_fields))
    return [name for name in wanted if name in table.column_names and not pa.types.is_nested(table.schema.field(name).type)]


def _sorted(table: "pa.Table", policy: StoragePolicy) -> "pa.Table":
    keys = _sort_keys(table, policy)
    return table.take(_order(table, keys)) if keys else table


def _order(table: "pa.Table", names: list[str]) -> "pa.Array":
    # By position: Arrow would take a name that begins with a dot or a bracket for a path.
    keys = pa.table([table.column(name) for name in names], names=[str(position) for position in range(len(names))])
    return pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names])


def write_file(
    folder: Path, table: "pa.Table", sequence: int, part: int, partition: dict[str, str | None], policy: StoragePolicy
) -> TableFile:
    """Sort rows of one partition and write them as one file. It is durable once the folder is synced."""
    return _write_sorted(folder, _sorted(table, policy), sequence, part, partition, policy)


def _write_sorted(
    folder: Path, table: "pa.Table", sequence: int, part: int, partition: dict[str, str | None], policy: StoragePolicy
) -> TableFile:
    out = pa.BufferOutputStream()
    pq.write_table(
        table,
        out,
        row_group_size=_ROW_GROUP_ROWS,
        compression="zstd",
        compression_level=_COMPRESSION_LEVEL,
        # Keys, record ids and places are nearly unique: the writer would build a dictionary and throw it away.
        use_dictionary=[name for name in table.column_names if name not in _UNIQUE],
        write_page_checksum=True,
        bloom_filter_options=_bloom_filters(table, policy),
    )
    content = memoryview(out.getvalue())
    digest = hashlib.sha256(content).hexdigest()
    path = data_file(sequence, part, digest)
    write_durable(folder / path, content)
    return TableFile(
        path=path,
        sha256=digest,
        size_bytes=len(content),
        rows=table.num_rows,
        partition=partition,
        stats=_stats(table, policy),
    )


def _bloom_filters(table: "pa.Table", policy: StoragePolicy) -> dict[str, Any] | None:
    rows = min(table.num_rows, _ROW_GROUP_ROWS)
    wanted = dict.fromkeys((IDEMPOTENCY_KEY, RECORD_ID, *policy.index_fields))
    options = {
        name: {"ndv": rows, "fpp": _BLOOM_FALSE_POSITIVES}
        for name in wanted
        if name in table.column_names
        and (pa.types.is_string(kind := table.schema.field(name).type) or pa.types.is_binary(kind) or pa.types.is_integer(kind))
    }
    return options or None


def _stats(table: "pa.Table", policy: StoragePolicy) -> str:
    """Return the Delta log's statistics: https://github.com/delta-io/delta/blob/master/PROTOCOL.md#per-file-statistics."""
    least: dict[str, Any] = {}
    most: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for name in dict.fromkeys((SEQUENCE, OCCURRED_AT, *policy.partition_by, *policy.index_fields)):
        if name not in table.column_names:
            continue
        column = table.column(name)
        nulls[name] = column.null_count
        if not _has_bounds(column.type) or column.null_count == len(column):
            continue
        bounds = pc.min_max(column).as_py()
        low, high = _bound(bounds["min"], up=False), _bound(bounds["max"], up=True)
        if low is not None and high is not None:
            least[name], most[name] = low, high
    return json.dumps({"numRecords": table.num_rows, "minValues": least, "maxValues": most, "nullCount": nulls})


def _has_bounds(kind: "pa.DataType") -> bool:
    # Not floats: a NaN among them would make a wrong bound.
    return pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_timestamp(kind) or pa.types.is_date(kind)


def instant_text(value: datetime) -> str:
    """Return an instant of the table's log: with four digits of the year, which ``strftime`` doesn't write, and milliseconds."""
    in_utc = value.astimezone(UTC) if value.tzinfo else value
    return f"{in_utc.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _bound(value: Any, *, up: bool) -> Any:
    if isinstance(value, datetime):
        # The log's timestamps have milliseconds, so bounds are widened to whole milliseconds.
        milliseconds, rest = divmod(value.microsecond, 1000)
        value = value.replace(microsecond=milliseconds * 1000)
        if up and rest:
            if value > _LAST_MILLISECOND:
                return None
            value += timedelta(milliseconds=1)
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and len(value) > _STATS_TEXT_CHARACTERS_MAX:
        return None
    return value
