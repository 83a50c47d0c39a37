"""Ids of stored things."""

import re
from datetime import UTC, datetime, timedelta

from chartly.platform.identifiers import new_id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_ids_have_their_prefix_and_26_characters() -> None:
    """An id has its prefix and 26 lower-case characters of Crockford's base32."""
    assert re.fullmatch(r"run_[0-9a-hjkmnp-tv-z]{26}", new_id("run", NOON))


def test_ids_sort_by_time_and_never_meet() -> None:
    """A later id sorts after an earlier one, and ids of the same moment differ."""
    assert new_id("run", NOON) < new_id("run", NOON + timedelta(milliseconds=1))
    assert len({new_id("run", NOON) for _ in range(1_000)}) == 1_000
