"""A few seconds of overload: no acknowledged push is lost, and refusals have a time to retry. No duration is asserted."""

import asyncio
from pathlib import Path

from .installation import installation
from .overload import faults, overload


def test_overload_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """With small bounds pushes are refused, and each record of the others is committed once."""
    # Small bounds make a short storm a storm on any machine.
    bounds = {"CHARTLY_LIMITS_INBOX_SOURCE_ITEMS_MAX": "20", "CHARTLY_LIMITS_PUSHES_OPEN_MAX": "8"}
    with installation(tmp_path / "data", bounds) as platform:
        found = asyncio.run(overload(platform, seconds=4, factor=20, piece_bytes=20_000, calibration_s=2))

    assert faults(found, rss_mib=2_000) == []
    assert found["answers"].get("429", 0) > 0
    assert found["acknowledged_records"] > 0
