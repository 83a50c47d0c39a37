"""Compares the records of one commit in the table with the recomputed records. It reads keys and ids, no payload."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chartly.storage.arrow import pa
from chartly.storage.errors import Corrupt
from chartly.storage.model import Commit
from chartly.storage.names import digest_in
from chartly.storage.reading.scan import page
from chartly.storage.table import columns as c
from chartly.storage.table.digests import chunk_digest, digest_column

from .compare import CommittedFacts

# Above the number of records of a chunk, so that one page has all rows of a commit.
_ROWS_MAX = 4_000_000


def held_records(commit: Commit, files: Sequence[Path], accepted: "pa.Table | None") -> CommittedFacts:
    """Compare a commit's rows in a version's files with the recomputed accepted records."""
    with_rows, damaged = _files_of_commit(commit, files)
    rows: list[dict[str, Any]] = []
    if not damaged:
        terms = [(c.SEQUENCE, commit.sequence), (c.RAW_SHA256, commit.origin.raw_sha256), (c.PROFILE_HASH, commit.origin.normalizer.hash)]
        columns = (c.IDEMPOTENCY_KEY, c.RECORD_ID, c.RAW_OFFSET)
        rows = page(with_rows, columns=columns, order=(c.RAW_OFFSET,), after=None, terms=terms, limit=_ROWS_MAX)
    held = {(bytes(row[c.IDEMPOTENCY_KEY]), row[c.RAW_OFFSET]): row[c.RECORD_ID] for row in rows}
    kept: list[bytes] = []
    unlike = 0
    if accepted is not None and held:
        keys, ids = (digest_column(accepted.column(name)).to_pylist() for name in (c.IDEMPOTENCY_KEY, c.RECORD_ID))
        offsets = accepted.column(c.RAW_OFFSET).to_pylist()
        for key, record_id, offset in zip(keys, ids, offsets, strict=True):
            found = held.pop((key, offset), None)
            if found is not None:
                kept.append(record_id)
                unlike += found != f"sha256:{record_id.hex()}"
    return CommittedFacts(
        rows=len(rows), kept_digest=chunk_digest(pa.array(kept, pa.binary(32))), unlike=unlike + len(held), damaged=tuple(damaged)
    )


def _files_of_commit(commit: Commit, files: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Return the files with rows of the commit, and the names of the damaged ones. A file that can't be read counts as damaged."""
    with_rows: list[Path] = []
    damaged: list[str] = []
    for path in files:
        try:
            if not page([path], columns=(c.SEQUENCE,), order=(c.SEQUENCE,), after=None, terms=[(c.SEQUENCE, commit.sequence)], limit=1):
                continue
        except Corrupt:
            damaged.append(path.name)
            continue
        with_rows.append(path)
        with path.open("rb") as file:
            if not hashlib.file_digest(file, "sha256").hexdigest().startswith(digest_in(path.name)):
                damaged.append(path.name)
    return with_rows, damaged
