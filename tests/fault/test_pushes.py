"""Pushes to real processes that are killed: each acknowledged push is in the dataset once."""

from dataclasses import asdict
from pathlib import Path

import pytest

from .disrupted_run import DisruptionCounts
from .pushes import KILLS, PUSHES_A_KILL, expected, pushed

PUSH_RECORDS = 20
PUSHES = (len(KILLS) + 1) * PUSHES_A_KILL


@pytest.mark.timeout(1800)
async def test_acknowledged_push_is_never_lost(tmp_path: Path) -> None:
    """With edge, hosts and drones killed at every point of a push's way, each acknowledged record has one outcome."""
    counts, must = DisruptionCounts(), expected(PUSHES, PUSH_RECORDS)
    result = await pushed(tmp_path / "data", KILLS, PUSHES, PUSH_RECORDS, counts)
    assert result.acknowledged == must.records_in
    assert dict(result.committed) == {**asdict(must), "replayed": 0}, counts
    assert result.rows == must.canonical
    assert result.faults == ()
    assert counts.ends == {}
