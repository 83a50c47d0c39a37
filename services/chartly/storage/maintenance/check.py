"""Recomputes what is kept about a dataset from its table, and names what does not agree. It changes nothing."""

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

Gone = tuple[Iterable["pa.Array"], Callable[["pa.Array"], "pa.Array"]]
"""Batches of keys, and what tells of the index's answers which are of keys that are gone."""


class Check(Value, frozen=True, kw_only=True):
    """What the table says."""

    rows: int
    content_hash: str
    faults: tuple[str, ...]


def check_appended(dataset: Dataset, files: tuple[Path, ...], indexes: Indexes, gone: Gone) -> Check:
    """Check a canonical dataset: bytes of its files, keys once each, content hash, row count, dedupe index.

    Args:
        dataset: what is kept.
        files: of its table.
        indexes: where its index is.
        gone: keys that retention took out, in batches, and what tells them in the index.
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
    indexed = indexes.count(dataset.key) - _still_gone(dataset, indexes, gone)
    if indexed != rows and not unknown:
        # Every key of the table is in the index: what the table has more are keys that it holds twice.
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


def _still_gone(dataset: Dataset, indexes: Indexes, gone: Gone) -> int:
    """Count the keys that retention took out and that have not come back; a key that went twice is one."""
    keys, is_gone = gone
    found = [batch.filter(is_gone(indexes.probe(dataset.key, batch))) for batch in keys]
    return len(pc.unique(pa.concat_arrays(found))) if found else 0


def damaged(files: tuple[Path, ...]) -> list[str]:
    """Name files whose bytes don't have the digest of their name."""
    faults: list[str] = []
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if not digest.startswith(digest_in(path.name)):
            faults.append(f"The bytes of {path.name} are not those that were written.")
    return faults
