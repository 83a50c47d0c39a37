"""Makes a dataset agree with its table: recomputes the row count and content hash, and removes rows of keys that the table holds twice.

The dedupe policy says which row of such a key stays. A damaged file is refused: its rows can't be derived from anything else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chartly.storage.arrow import native, pa, pc
from chartly.storage.commit.chunk_files import policy_of_table
from chartly.storage.commit.dataset_rows import DatasetRow
from chartly.storage.durable_files import sync_folder, translated
from chartly.storage.model import DedupePolicy, TableFile, WriteMode
from chartly.storage.table import columns as c
from chartly.storage.table.data_files import deleted_on_failure, read_files, write_file
from chartly.storage.table.delta_table import LocalDeltaTable
from chartly.storage.table.digests import digest_column, no_digests
from chartly.storage.table.keys import table_keys

from .change import DatasetChange

# Keys in memory during one pass over the table: 32 bytes each and their count, some 200 MB while they are grouped.
_KEYS_A_PASS = 2_000_000
_FIRST_BYTES = 256


@dataclass(frozen=True)
class Repaired:
    """Number of surplus rows of a table, and the change that makes the dataset agree with it; None if it agrees."""

    duplicates: int
    change: DatasetChange | None


def repair(table: LocalDeltaTable, held: DatasetRow, policy: DedupePolicy, principal: str) -> Repaired:
    """Find keys that the table holds twice, rewrite files without the surplus rows, and recompute count and content hash.

    Raises:
        Corrupt: a file is missing or can't be read.
        DiskFull, StoreUnavailable: a file can't be written; no file is left behind.
    """
    paths = table.paths()
    twice = _keys_held_twice(paths, held.dataset.rows)
    added: tuple[TableFile, ...] = ()
    removed: tuple[str, ...] = ()
    rows_removed = 0
    if len(twice):
        added, removed, rows_removed = _without(table, held, twice, policy)
    kept = [path for path in paths if path.name not in {Path(name).name for name in removed}]
    with deleted_on_failure(table.path, added):
        content, rows = _content([*kept, *(table.path / file.path for file in added)])
    if not rows_removed and rows == held.dataset.rows and f"sha256:{content.hexdigest()}" == held.dataset.content_hash:
        return Repaired(0, None)
    facts: dict[str, Any] = {"rows_removed": rows_removed, "dedupe_policy": policy, "files_rewritten": len(removed)}
    change = DatasetChange(
        mode=WriteMode.REPAIR,
        keys=no_digests(),
        index_ids=no_digests(),
        added=added,
        removed=removed,
        rows_added=rows - held.dataset.rows,
        content=content,
        facts=facts,
        principal=principal,
    )
    return Repaired(rows_removed, change)


def _content(paths: list[Path]) -> "tuple[native.ContentHash, int]":
    content, rows = native.ContentHash(), 0
    for keys, record_ids in table_keys(paths):
        content.add(keys, record_ids)
        rows += len(keys)
    return content, rows


def _keys_held_twice(paths: list[Path], rows: int) -> "pa.Array":
    """Return the keys of more than one row. Reads the key column in several passes, so that memory is bounded."""
    found = [no_digests()]
    for low, high in _passes(rows):
        wanted = [_within(keys, low, high) for keys, _ in table_keys(paths)]
        counted = pa.table({"key": pa.chunked_array([*found[:1], *wanted])}).group_by("key").aggregate([([], "count_all")])
        found.append(counted.filter(pc.greater(counted.column("count_all"), 1)).column("key").combine_chunks())
    return pa.concat_arrays([each if isinstance(each, pa.Array) else pa.concat_arrays(each.chunks) for each in found])


def _passes(rows: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of the keys' first byte. Keys are digests, so ranges of equal size hold about equally many."""
    passes = min(_FIRST_BYTES, max(1, -(-rows // _KEYS_A_PASS)))
    for at in range(passes):
        yield _FIRST_BYTES * at // passes, _FIRST_BYTES * (at + 1) // passes


def _within(keys: "pa.Array", low: int, high: int) -> "pa.Array":
    if (low, high) == (0, _FIRST_BYTES):
        return keys
    first = pc.binary_slice(keys.cast(pa.binary()), 0, 1)
    inside = pc.greater_equal(first, pa.scalar(bytes([low]), pa.binary()))
    if high < _FIRST_BYTES:
        inside = pc.and_(inside, pc.less(first, pa.scalar(bytes([high]), pa.binary())))
    return keys.filter(inside)


def _without(
    table: LocalDeltaTable, held: DatasetRow, twice: "pa.Array", policy: DedupePolicy
) -> tuple[tuple[TableFile, ...], tuple[str, ...], int]:
    """Rewrite the files that hold surplus rows, without them."""
    stay = _staying(table, twice, policy)
    added: list[TableFile] = []
    removed: list[str] = []
    rows_removed = 0
    storage = policy_of_table(held.policy, table.partition_columns())
    with translated(), deleted_on_failure(table.path, added):
        for file in table.live_files():
            rows = read_files([table.path / file.path])
            keys = digest_column(rows.column(c.IDEMPOTENCY_KEY))
            drop = [
                at for at in pc.indices_nonzero(pc.is_in(keys, value_set=twice)).to_pylist() if stay[keys[at].as_py()] != (file.path, at)
            ]
            if not drop:
                continue
            mask = pc.invert(pc.is_in(pa.array(range(rows.num_rows)), value_set=pa.array(drop)))
            removed.append(file.path)
            rows_removed += len(drop)
            if len(drop) < rows.num_rows:
                part = len(added)
                added.append(write_file(table.path, rows.filter(mask), held.dataset.version + 1, part, dict(file.partition), storage))
        sync_folder(table.path)
    return tuple(added), tuple(removed), rows_removed


def _staying(table: LocalDeltaTable, twice: "pa.Array", policy: DedupePolicy) -> dict[bytes, tuple[str, int]]:
    """Choose the row of each key that stays: the first one committed, or the last one with the policy ``last``."""
    best: dict[bytes, tuple[tuple[int, int], str, int]] = {}
    for file in table.live_files():
        rows = read_files([table.path / file.path], columns=(c.IDEMPOTENCY_KEY, c.SEQUENCE, c.RAW_OFFSET))
        keys = digest_column(rows.column(c.IDEMPOTENCY_KEY))
        for at in pc.indices_nonzero(pc.is_in(keys, value_set=twice)).to_pylist():
            age = (rows.column(c.SEQUENCE)[at].as_py(), rows.column(c.RAW_OFFSET)[at].as_py())
            key = keys[at].as_py()
            held = best.get(key)
            if held is None or (age > held[0] if policy == "last" else age < held[0]):
                best[key] = (age, file.path, at)
    return {key: (path, at) for key, (_, path, at) in best.items()}
