"""Samples of the records that a reprocess changes, before and after: a bounded number, in a readable form."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from chartly.platform.json.values import json_value
from chartly.storage.reading.scan import page
from chartly.storage.table import columns as c
from chartly.storage.table.data_files import read_files
from chartly.storage.table.envelope import CONFLICT, EXPIRED

from .compare import ACCEPTED_FILE, REJECTED_FILE, ReprocessInputs
from .conflict_resolution import EXPIRED as GONE
from .conflict_resolution import ConflictResolution
from .model import Sample, StagedChunk

_HIDDEN = (c.TENANT_ID, c.PROJECT_ID, c.CANONICAL)
# A larger record is shown by its place and ids only, so that ten of each kind stay far below a message's bound.
_RECORD_BYTES_MAX = 16_384


def samples(inputs: ReprocessInputs, resolution: ConflictResolution, count: int) -> tuple[Sample, ...]:
    """Return at most ``count`` records of each kind of change, always the same ones."""
    found: list[Sample] = []
    columns = [column.name for column in inputs.held.dataset.columns if column.name not in _HIDDEN]
    for change in ("changed", "appear", "vanish"):
        for key, place, row in resolution.sampled(change, count):
            before = None if change == "appear" else _held(inputs.files, columns, key)
            after = None if place is None or row is None else _staged(inputs, inputs.staged[place], row)
            found.append(Sample(change=change, before=before, after=after))
    by_raw = {chunk.raw_sha256: chunk for chunk in inputs.staged}
    found += [_quarantined(inputs, resolution, by_raw[raw], offset) for raw, offset in resolution.sampled_quarantine(count)]
    return tuple(found)


def _held(files: Sequence[Path], columns: Sequence[str], key: bytes) -> dict[str, Any] | None:
    rows = page(files, columns=columns, order=(c.SEQUENCE, c.RAW_OFFSET), after=None, terms=[(c.IDEMPOTENCY_KEY, key)], limit=1)
    return _shown(rows[0]) if rows else None


def _staged(inputs: ReprocessInputs, chunk: StagedChunk, row: int) -> dict[str, Any]:
    record = read_files([inputs.path(chunk, ACCEPTED_FILE)]).slice(row, 1).to_pylist()[0]
    return _shown({**record, c.RAW_SHA256: chunk.raw_sha256, c.PROFILE_HASH: inputs.reprocess.scope.normalizer.hash})


def _quarantined(inputs: ReprocessInputs, resolution: ConflictResolution, chunk: StagedChunk, offset: int) -> Sample:
    rows: list[dict[str, Any]] = []
    if chunk.rejected:
        rejected = read_files([inputs.path(chunk, REJECTED_FILE)])
        rows = [row for row in rejected.to_pylist() if row["offset"] == offset]
    if rows:
        place = {"sha256": chunk.raw_sha256, **{name: int(rows[0][name]) for name in ("line", "offset", "length")}}
        return Sample(change="newly_quarantined", place=place, violations=tuple(rows[0][c.VIOLATIONS]))
    accepted = read_files([inputs.path(chunk, ACCEPTED_FILE)]).select([c.RAW_LINE, c.RAW_OFFSET, c.RAW_LENGTH]).to_pylist()
    verdicts = dict(resolution.losers(chunk.place))
    number, row = next((number, row) for number, row in enumerate(accepted) if row[c.RAW_OFFSET] == offset and number in verdicts)
    place = {"sha256": chunk.raw_sha256, "line": row[c.RAW_LINE], "offset": offset, "length": row[c.RAW_LENGTH]}
    return Sample(change="newly_quarantined", place=place, violations=(EXPIRED if verdicts[number] == GONE else CONFLICT,))


def _shown(record: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: json_value(value) for name, value in record.items() if value is not None and name not in _HIDDEN}
    if len(msgspec.json.encode(shown)) <= _RECORD_BYTES_MAX:
        return shown
    return {name: shown[name] for name in (c.RECORD_ID, c.RAW_SHA256, c.RAW_OFFSET, c.RAW_LENGTH, c.PROFILE_HASH) if name in shown}
