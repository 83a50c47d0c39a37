"""Finds the rows of the quarantine table that a record's status belongs to, if the record's chunk was written more than once.

A chunk has the same quarantine ids each time it is written: when it is appended again after a rollback, and when a reprocess returns it to
a former profile. But not every record that was rejected then is rejected now. A status follows its record to the rows that the dataset
holds now, if the record has a row there. Else it stays with the old rows, and is counted or left out with them.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from chartly.storage.commit import chunk_rows
from chartly.storage.commit.chunk_rows import withdrawn_name
from chartly.storage.commit.quarantine_hooks import RowLocations
from chartly.storage.model import DatasetKey
from chartly.storage.names import chunk_in
from chartly.storage.reading.scan import page

from . import status_rows

_IDS_A_SCAN = 10_000
# Rows of one id: each reprocess with the same profile wrote it once more.
_ROWS_AN_ID_MAX = 64


def locate_rows(key: DatasetKey, quarantine_ids: Sequence[str], files: Sequence[Path]) -> RowLocations:
    """Return in which chunks' rows of the quarantine files each id occurs."""
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


def relocate_statuses(connection: Connection, key: DatasetKey, locations: RowLocations) -> None:
    """Point statuses to the chunk rows that the dataset holds now, in the transaction that decides which chunks it holds."""
    for prefix in sorted({name.rpartition("/")[2] for name in locations}):
        now = chunk_rows.live_name(connection, key, prefix)
        if now is not None and now in locations:
            status_rows.moved(connection, key, locations[now], now)
