"""Real processes are killed and cancelled during a run: at every failpoint, and killed at random times, too."""

import os
import random
from pathlib import Path

import pytest

from . import upstream
from .disrupted_run import CANCELLATION_POINTS, KINDS, POINTS_COUNT, DisruptionCounts, disturbed, pages, plan, undisturbed
from .verdict import broken

PAGE_RECORDS = 25
# Each kind of process, and all at once, beside every point.
KILLS_AT_RANDOM = len(KINDS)
KILLS_MIN = 20


@pytest.fixture
def seed() -> int:
    """Return the random seed of the kills: CHARTLY_FAULT_SEED to replay a failure, else a new one."""
    return int(os.environ.get("CHARTLY_FAULT_SEED") or random.SystemRandom().randrange(1 << 32))


@pytest.mark.timeout(1800)
async def test_killed_run_equals_an_undisturbed_one(tmp_path: Path, seed: int) -> None:
    """Content hash and counts are equal, each dataset version has one ledger entry, and an auditor verifies the ledger."""
    kills, counts = plan(seed, POINTS_COUNT, KILLS_AT_RANDOM, len(CANCELLATION_POINTS)), DisruptionCounts()
    calm = await undisturbed(tmp_path / "calm", len(kills), PAGE_RECORDS)
    try:
        stormy = await disturbed(tmp_path / "stormy", kills, PAGE_RECORDS, counts)
    except BaseException as failure:
        failure.add_note(f"after {counts}: replay with CHARTLY_FAULT_SEED={seed}")
        raise
    expected = upstream.expected(pages(len(kills)), PAGE_RECORDS)
    assert broken(expected, calm, stormy, counts) == [], f"after {counts}: replay with CHARTLY_FAULT_SEED={seed}"
    assert counts.kills.total() >= KILLS_MIN
    assert counts.cancellations + counts.expiries == len(CANCELLATION_POINTS)
    assert counts.expiries
