"""Divide raw bytes into records as a normalizer profile does, without mapping them."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chartly import native

# What decides where records begin and end.
_FRAMING = ("canonicalEventType", "input", "recordsPath", "allowEmpty", "limits")


@dataclass(frozen=True, slots=True)
class FramedRecords:
    """Where the records of raw bytes are."""

    spans: list[tuple[int, int]]
    """Offset and length of each record in bytes, in the order of the raw bytes; rejected records and pages included."""
    rejected: list[dict[str, Any]]
    """Those that can't be read, with ``offset``, ``length`` and ``reasons``."""


def framed_records(spec: Mapping[str, Any], raw: bytes) -> FramedRecords:
    """Return where the records of raw bytes are, by the ``spec`` of a resolved normalizer profile."""
    pa: Any = importlib.import_module("pyarrow")
    framing = {name: spec[name] for name in _FRAMING if name in spec} | {"mapping": {"record": {"const": 1}}}
    outcome = native.Plan.compile(framing, "{}").run(raw)
    accepted = pa.table(pa.RecordBatchReader.from_stream(outcome.accepted))
    rejected = pa.table(pa.RecordBatchReader.from_stream(outcome.rejected)).to_pylist()
    spans = list(zip(accepted.column("raw_offset").to_pylist(), accepted.column("raw_length").to_pylist(), strict=True))
    return FramedRecords(sorted([*spans, *((each["offset"], each["length"]) for each in rejected)]), rejected)
