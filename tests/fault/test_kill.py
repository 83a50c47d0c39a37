"""Real processes, killed and cancelled in the middle of a run: at every failpoint, and killed at random times too."""

import os
import random
from pathlib import Path

import pytest

from . import upstream
from .disrupted_run import CANCELLATION_POINTS, KINDS, POINTS_COUNT, Told, disturbed, pages, plan, undisturbed
from .verdict import broken

PAGE_RECORDS = 25
# Each kind of process, and all at once, beside every point.
KILLS_AT_RANDOM = len(KINDS)
KILLS_MIN = 20


@pytest.fixture
def seed() -> int:
    """Return the random seed of the kills: CHARTLY_FAULT_SEED to replay a failure, else a new one each time."""
    return int(os.environ.get("CHARTLY_FAULT_SEED") or random.SystemRandom().randrange(1 << 32))


@pytest.mark.timeout(1800)
async def test_killed_run_comes_out_like_an_undisturbed_one(tmp_path: Path, seed: int) -> None:
    """Content hash and counts are equal, each dataset version has one ledger entry, and an auditor verifies the ledger."""
    kills, told = plan(seed, POINTS_COUNT, KILLS_AT_RANDOM, len(CANCELLATION_POINTS)), Told()
    calm = await undisturbed(tmp_path / "calm", len(kills), PAGE_RECORDS)
    try:
        stormy = await disturbed(tmp_path / "stormy", kills, PAGE_RECORDS, told)
    except BaseException as failure:
        failure.add_note(f"after {told}: replay with CHARTLY_FAULT_SEED={seed}")
        raise
    expected = upstream.expected(pages(len(kills)), PAGE_RECORDS)
    assert broken(expected, calm, stormy, told) == [], f"after {told}: replay with CHARTLY_FAULT_SEED={seed}"
    assert told.kills.total() >= KILLS_MIN
    assert told.cancellations + told.expiries == len(CANCELLATION_POINTS)
    assert told.expiries
