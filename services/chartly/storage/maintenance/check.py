"""Recomputes a dataset's row count, content hash and index from its table, and reports differences. It changes nothing."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from chartly.storage.arrow import native, pa, pc
from chartly.storage.dedupe.index import Indexes
from chartly.storage.errors import Corrupt
from chartly.storage.model import Dataset, Value
from chartly.storage.names import digest_in
from chartly.storage.table.content_hash import content_of_rows
from chartly.storage.table.data_files import read_files
from chartly.storage.table.keys import table_keys

Expired = tuple[Iterable["pa.Array"], Callable[["pa.Array"], "pa.Array"]]
"""Batches of expired keys, and the function that marks the index's record ids of expired keys."""


class Check(Value, frozen=True, kw_only=True):
    """What was computed from the table, and what disagrees with it."""

    rows: int
    content_hash: str
    faults: tuple[str, ...]


def check_appended(dataset: Dataset, files: tuple[Path, ...], indexes: Indexes, expired: Expired) -> Check:
    """Check a canonical dataset: bytes of its files, uniqueness of keys, content hash, row count, dedupe index.

    Args:
        dataset: the dataset's row.
        files: the files of its table.
        indexes: the dedupe indexes.
        expired: keys that retention removed, in batches, and the function that marks them in the index.
    """
    faults = damaged(files)
    content, rows, unknown = native.ContentHash(), 0, 0
    try:
        for keys, record_ids in table_keys(list(files)):
            content.add(keys, record_ids)
            rows += len(keys)
            unknown += len(keys) - _agreeing(indexes, dataset, keys, record_ids)
    except Corrupt as broken:
        faults.append(broken.message)
    content_hash = f"sha256:{content.hexdigest()}"
    if rows != dataset.rows:
        faults.append(f"The table has {rows} rows, {dataset.rows} are kept as its count.")
    if content_hash != dataset.content_hash:
        faults.append("The table's content hash is not the one that is kept.")
    if unknown:
        faults.append(f"The dedupe index lacks {unknown} of the table's keys, or holds them with other records.")
    indexed = indexes.count(dataset.key) - _still_expired(dataset, indexes, expired)
    if indexed != rows and not unknown:
        # Every key of the table is in the index, so further rows of the table are of keys that it holds twice.
        twice = rows - indexed
        faults.append(
            f"The table holds {twice} rows more than it has keys."
            if twice > 0
            else f"The dedupe index has {-twice} keys that the table lacks."
        )
    return Check(rows=rows, content_hash=content_hash, faults=tuple(faults))


def check_replaced(dataset: Dataset, files: tuple[Path, ...]) -> Check:
    """Check a derived dataset: bytes of its files, content hash, row count."""
    faults = damaged(files)
    rows, content_hash = 0, dataset.content_hash
    try:
        if files:
            table = read_files(list(files))
            rows, content_hash = table.num_rows, f"sha256:{content_of_rows(table)[0].hexdigest()}"
    except Corrupt as broken:
        faults.append(broken.message)
    if rows != dataset.rows:
        faults.append(f"The table has {rows} rows, {dataset.rows} are kept as its count.")
    if content_hash != dataset.content_hash:
        faults.append("The table's content hash is not the one that is kept.")
    return Check(rows=rows, content_hash=content_hash, faults=tuple(faults))


def _agreeing(indexes: Indexes, dataset: Dataset, keys: object, record_ids: object) -> int:
    held = indexes.probe(dataset.key, keys)  # type: ignore[arg-type]
    return pc.sum(pc.fill_null(pc.equal(held, record_ids), fill_value=False)).as_py() or 0


def _still_expired(dataset: Dataset, indexes: Indexes, expired: Expired) -> int:
    """Count the expired keys that were not admitted again. A key that expired twice counts once."""
    keys, is_expired = expired
    found = [batch.filter(is_expired(indexes.probe(dataset.key, batch))) for batch in keys]
    return len(pc.unique(pa.concat_arrays(found))) if found else 0


def damaged(files: tuple[Path, ...]) -> list[str]:
    """Report files whose bytes don't have the digest in their name."""
    faults: list[str] = []
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if not digest.startswith(digest_in(path.name)):
            faults.append(f"The bytes of {path.name} are not those that were written.")
    return faults
