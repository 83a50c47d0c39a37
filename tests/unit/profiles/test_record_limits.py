"""The installation's limits on records, over a profile's."""

from typing import Any

import pytest

from chartly.native import Plan
from chartly.profiles.record_limits import lowered

PROFILE: dict[str, Any] = {"canonicalEventType": "t", "mapping": {"id": "$.id"}}
CONTRACT = {"type": "object", "properties": {"id": {"type": "string"}, "type": {"const": "t"}}}


def document(**limits: int) -> dict[str, Any]:
    """Return a profile with these limits."""
    return {"spec": PROFILE | ({"limits": limits} if limits else {})}


@pytest.mark.parametrize(("asked", "depth"), [({}, 8), ({"depthMax": 7}, 7), ({"depthMax": 8}, 8), ({"depthMax": 9}, 8)])
def test_depth_is_the_smaller_of_both(asked: dict[str, int], depth: int) -> None:
    """The depth is the smaller of the profile's and ``record_depth_max``, which also is the default."""
    limited = lowered(document(**asked), depth_max=8, record_bytes_max=1 << 20)
    assert limited["spec"].get("limits", {})["depthMax"] == depth


def test_size_is_the_smaller_of_both() -> None:
    """The size is the smaller of the profile's and ``record_bytes_max``."""
    sizes = [lowered(document(recordBytesMax=asked), depth_max=64, record_bytes_max=100) for asked in (99, 100, 101)]
    assert [limited["spec"]["limits"]["recordBytesMax"] for limited in sizes] == [99, 100, 100]


def test_profile_within_the_limits_stays_the_same_object() -> None:
    """A profile within the limits is returned without a copy."""
    asked = document()
    assert lowered(asked, depth_max=64, record_bytes_max=1 << 20) is asked


@pytest.mark.parametrize(("levels", "reasons"), [(3, []), (4, ["DEPTH_EXCEEDED"])])
def test_plan_refuses_a_record_below_the_limit(levels: int, reasons: list[str]) -> None:
    """A record of the limit's depth is accepted; one level more is DEPTH_EXCEEDED, though the profile allows 64."""
    limited = lowered(document(depthMax=64), depth_max=3, record_bytes_max=1 << 20)
    record = b'{"id":"a","x":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"

    trace = Plan.compile(limited["spec"], CONTRACT).explain(record)

    assert [reason["reason"] for reason in trace["reasons"]] == reasons
