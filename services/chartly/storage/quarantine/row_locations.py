"""Find the rows of the quarantine table that records' statuses refer to, where a chunk's rows were written more than once.

A chunk that comes again after a rollback, and one that a rebuild gives a former profile back, has the ids that it had; but not each record
that was held back then is held back again. A status that has no row among those shown stays with the rows of old: it counts as they do.
It decides nothing about a record.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection

from chartly.storage.commit import chunk_rows
from chartly.storage.commit.chunk_rows import withdrawn_name
from chartly.storage.model import DatasetKey
from chartly.storage.names import chunk_in
from chartly.storage.reading.scan import page

from . import status_rows

_IDS_A_SCAN = 10_000
# Rows of one id: each rebuild with the same profile wrote it again.
_ROWS_AN_ID_MAX = 64

Homes = Mapping[str, Sequence[str]]
"""Ids by the name of the chunk's rows, as ``withdrawn_name`` gives it."""


def homes(key: DatasetKey, quarantine_ids: Sequence[str], files: Sequence[Path]) -> Homes:
    """Look where records have rows in files of the quarantine table."""
    found: dict[str, list[str]] = defaultdict(list)
    for start in range(0, len(quarantine_ids), _IDS_A_SCAN):
        part = list(quarantine_ids[start : start + _IDS_A_SCAN])
        rows = page(
            files,
            columns=("quarantine_id", "sequence"),
            order=("quarantine_id", "sequence"),
            after=None,
            terms=[("dataset", key.dataset)],
            condition="quarantine_id IN (SELECT unnest(?::VARCHAR[]))",
            parameters=[part],
            limit=len(part) * _ROWS_AN_ID_MAX,
        )
        for row in rows:
            found[withdrawn_name(key.dataset, row["sequence"], chunk_in(row["quarantine_id"]))].append(row["quarantine_id"])
    return found


def rehome(connection: Connection, key: DatasetKey, found: Homes) -> None:
    """Let statuses name the chunk whose rows are shown. In the transaction that decides which chunks the dataset holds."""
    for prefix in sorted({name.rpartition("/")[2] for name in found}):
        now = chunk_rows.live_name(connection, key, prefix)
        if now is not None and now in found:
            status_rows.moved(connection, key, found[now], now)
