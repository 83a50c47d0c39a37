"""Pushes to real processes that are killed: what was acknowledged is in the dataset, once."""

from dataclasses import asdict
from pathlib import Path

import pytest

from .disrupted_run import Told
from .pushes import KILLS, PUSHES_A_KILL, expected, pushed

PUSH_RECORDS = 20
PUSHES = (len(KILLS) + 1) * PUSHES_A_KILL


@pytest.mark.timeout(1800)
async def test_acknowledged_push_is_never_lost(tmp_path: Path) -> None:
    """Edge, hosts and drones die at every point of a push's way and at other times; each acknowledged record has one outcome."""
    told, must = Told(), expected(PUSHES, PUSH_RECORDS)
    result = await pushed(tmp_path / "data", KILLS, PUSHES, PUSH_RECORDS, told)
    assert result.acknowledged == must.records_in
    assert dict(result.committed) == {**asdict(must), "replayed": 0}, told
    assert result.rows == must.canonical
    assert result.faults == ()
    assert told.ends == {}
