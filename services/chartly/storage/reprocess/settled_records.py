"""Copies the quarantine rows of records that a person corrected or discarded into the reprocessed chunk, with their statuses.

A row keeps its reasons, run and profile. Its id is that of the new chunk. Its payload is read from the raw bytes once more, because an
encrypted payload can be decrypted for its own id only.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from chartly.storage.arrow import pa
from chartly.storage.commit.chunk_rows import withdrawn_name
from chartly.storage.errors import Corrupt
from chartly.storage.model import Commit, QuarantineStatus
from chartly.storage.names import quarantine_id_prefix
from chartly.storage.reading.scan import page
from chartly.storage.table import columns as c
from chartly.storage.table.envelope import violations_type

from .model import Settled

_TEXTS = ("source_id", "run_id", "profile_hash")
_NUMBERS = (c.RAW_LINE, c.RAW_OFFSET, c.RAW_LENGTH)
_INSTANTS = ("captured_at", "quarantined_at")
_COLUMNS = ("quarantine_id", "sequence", c.VIOLATIONS, *_TEXTS, *_NUMBERS, *_INSTANTS)
# Rows of one id: each reprocess with the same profile wrote it once more.
_ROWS_AN_ID_MAX = 64
_IDS_A_SCAN = 1_000


class SettledRows:
    """The settled records of a reprocess, by raw blob, with their rows of the quarantine table."""

    def __init__(self, settled: Sequence[Settled], files: Sequence[Path]) -> None:
        self._by_raw: dict[str, list[Settled]] = defaultdict(list)
        for each in settled:
            self._by_raw[each.raw_sha256].append(each)
        self._rows = _rows(settled, files)
        self.statuses: list[QuarantineStatus] = []
        """The statuses of the records under their new ids, once ``rows`` has returned them."""

    def of(self, raw_sha256: str) -> Sequence[Settled]:
        """Return the settled records of a raw blob."""
        return self._by_raw.get(raw_sha256, ())

    def rows(self, commit: Commit) -> "pa.Table | None":
        """Return the settled records of a chunk as quarantine rows of ``commit``, without payloads; None if it has none.

        Raises:
            Corrupt: the quarantine table lacks a row.
        """
        mine = self.of(commit.origin.raw_sha256)
        if not mine:
            return None
        prefix = quarantine_id_prefix(commit.submission.work_key)
        chunk = withdrawn_name(commit.key.dataset, commit.sequence, commit.submission.work_key)
        rows: list[dict[str, Any]] = []
        for each in mine:
            held = self._rows.get((each.status.quarantine_id, each.commit_version))
            if held is None:
                raise Corrupt("quarantine table", f"lacks record {each.status.quarantine_id}")
            quarantine_id = f"{prefix}{each.offset}"
            rows.append({**held, "quarantine_id": quarantine_id, "dataset": commit.key.dataset, "sequence": commit.sequence})
            self.statuses.append(replace(each.status, quarantine_id=quarantine_id, chunk=chunk))
        return _table(rows, commit.origin.raw_sha256)


def _table(rows: list[dict[str, Any]], raw_sha256: str) -> "pa.Table":
    texts = {name: pa.string() for name in ("quarantine_id", "dataset", *_TEXTS)}
    numbers = {name: pa.int64() for name in (*_NUMBERS, "sequence")}
    instants = {name: pa.timestamp("us", "UTC") for name in _INSTANTS}
    kinds = texts | numbers | instants | {c.VIOLATIONS: violations_type()}
    columns = {name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()}
    return pa.table({**columns, "raw_sha256": pa.array([raw_sha256] * len(rows), pa.string())})


def _rows(settled: Sequence[Settled], files: Sequence[Path]) -> dict[tuple[str, int], dict[str, Any]]:
    ids = [each.status.quarantine_id for each in settled]
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for start in range(0, len(ids), _IDS_A_SCAN):
        part = ids[start : start + _IDS_A_SCAN]
        rows = page(
            files,
            columns=_COLUMNS,
            order=("quarantine_id", "sequence"),
            after=None,
            condition="quarantine_id IN (SELECT unnest(?::VARCHAR[]))",
            parameters=[part],
            limit=len(part) * _ROWS_AN_ID_MAX,
        )
        found |= {(row["quarantine_id"], row["sequence"]): row for row in rows}
    return found
