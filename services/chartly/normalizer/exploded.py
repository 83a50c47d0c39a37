"""The record around a child of ``explode``: found in the raw bytes, so that a child can run through its plan another time.

A child's mapping may read the whole record, and its own bytes don't have that. Quarantine stores the child's bytes and place.
"""

import importlib
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import orjson

from chartly.native import Plan
from chartly.platform.errors import FieldViolation
from chartly.v1 import normalizer_pb2 as pb

from .chunk import RecordPlace
from .errors import PlanRefused

# What decides where records begin and end.
_FRAMING = ("canonicalEventType", "input", "recordsPath", "allowEmpty", "limits")


def explodes(profile_json: str) -> bool:
    """Return whether a resolved profile makes several records of one."""
    return "explode" in orjson.loads(profile_json)["spec"]


def with_records_around(profile_json: str, raw: bytes, children: Sequence[pb.PlacedRecord]) -> tuple[bytes, list[RecordPlace]]:
    """Return bytes with the record around each child, in which an edited child is replaced, and the children's places in them.

    Children of one record that are not edited share its bytes.

    Raises:
        PlanRefused: a record was rejected before it was exploded, or the raw bytes hold no record there.
    """
    spans = record_spans(profile_json, raw)
    starts = [offset for offset, _ in spans]
    content, places, shared = bytearray(), list[RecordPlace](), dict[int, int]()
    for child in children:
        at = bisect_right(starts, child.offset) - 1
        offset, length = spans[at] if at >= 0 else (0, 0)
        within, end = child.offset - offset, child.offset + child.length
        if at < 0 or end > offset + length or (within, child.length) == (0, length):
            rule = "this record was rejected before it was exploded into children; reprocess the dataset instead"
            raise PlanRefused(violations=(FieldViolation("quarantine_ids", rule, "PROFILE_INVALID"),))
        edited = child.content != raw[child.offset : end]
        around = raw[offset : child.offset] + child.content + raw[end : offset + length] if edited else raw[offset : offset + length]
        start = len(content) if edited else shared.setdefault(offset, len(content))
        if start == len(content):
            content += around
        places.append(RecordPlace(start, len(around), child.line, child.offset, child.length, within))
    return bytes(content), places


def record_spans(profile_json: str, raw: bytes) -> list[tuple[int, int]]:
    """Return offset and length of each record in raw bytes, in their order, as the profile divides them."""
    pa: Any = importlib.import_module("pyarrow")
    profile = orjson.loads(profile_json)
    profile["spec"] = {name: profile["spec"][name] for name in _FRAMING if name in profile["spec"]} | {"mapping": {"record": {"const": 1}}}
    outcome = Plan.compile(orjson.dumps(profile).decode(), "{}").run(raw)
    found: list[tuple[int, int]] = []
    for batches, offset, length in ((outcome.accepted, "raw_offset", "raw_length"), (outcome.rejected, "offset", "length")):
        table = pa.table(pa.RecordBatchReader.from_stream(batches))
        found += zip(table.column(offset).to_pylist(), table.column(length).to_pylist(), strict=True)
    return sorted(found)
