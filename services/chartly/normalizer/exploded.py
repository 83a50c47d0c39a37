"""The record around a child of ``explode``: found in the raw bytes, so that a child can run through its plan another time.

A child's mapping may read the whole record, and its own bytes don't have that. Quarantine stores the child's bytes and place.
"""

from bisect import bisect_right
from collections.abc import Sequence

import orjson

from chartly.platform.errors import FieldViolation
from chartly.profiles.record_framing import framed_records
from chartly.v1 import normalizer_pb2 as pb

from .chunk import RecordPlace
from .errors import PlanRefused


def explodes(profile_json: str) -> bool:
    """Return whether a resolved profile makes several records of one."""
    return "explode" in orjson.loads(profile_json)["spec"]


def with_records_around(profile_json: str, raw: bytes, children: Sequence[pb.PlacedRecord]) -> tuple[bytes, list[RecordPlace]]:
    """Return bytes with the record around each child, in which an edited child is replaced, and the children's places in them.

    Children of one record that are not edited share its bytes.

    Raises:
        PlanRefused: a record was rejected before it was exploded, or the raw bytes hold no record there.
    """
    spans = framed_records(orjson.loads(profile_json)["spec"], raw).spans
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
