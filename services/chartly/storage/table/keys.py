"""Reads keys and record ids from a table's files: the dedupe index and the content hash are rebuilt from them."""

from collections.abc import Iterator
from pathlib import Path

from chartly.storage.arrow import pa, pc, pq
from chartly.storage.errors import Corrupt

from .columns import IDEMPOTENCY_KEY, RECORD_ID, SEQUENCE
from .digests import digest_column, no_digests

# Rows read at a time: 100 bytes each, so the rebuild for a table of any size takes a few MB.
_BATCH_ROWS = 65_536


def table_keys(paths: list[Path], *, sequence: int | None = None) -> "Iterator[tuple[pa.Array, pa.Array]]":
    """Yield keys and record ids of files in batches; with ``sequence`` only of rows that this commit wrote.

    Raises:
        Corrupt: a file is missing or can't be read.
    """
    for path in paths:
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                for batch in file.iter_batches(_BATCH_ROWS, columns=[IDEMPOTENCY_KEY, RECORD_ID, SEQUENCE]):
                    rows = pa.table(batch)
                    if sequence is not None:
                        rows = rows.filter(pc.equal(rows.column(SEQUENCE), sequence))
                    yield digest_column(rows.column(IDEMPOTENCY_KEY)), digest_column(rows.column(RECORD_ID))
        except (pa.ArrowException, OSError, ValueError) as broken:
            raise Corrupt(f"table file {path.name}", "can't be read") from broken


def joined(batches: "Iterator[tuple[pa.Array, pa.Array]]") -> "tuple[pa.Array, pa.Array]":
    """Concatenate batches of keys and record ids."""
    pairs = list(batches)
    return (
        pa.concat_arrays([no_digests(), *(keys for keys, _ in pairs)]),
        pa.concat_arrays([no_digests(), *(record_ids for _, record_ids in pairs)]),
    )
