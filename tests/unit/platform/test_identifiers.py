"""Ids of things that Chartly makes."""

import re
from datetime import UTC, datetime, timedelta

from chartly.platform.identifiers import new_id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_ids_have_their_prefix_and_26_characters() -> None:
    """The characters are Crockford's, in lower case, so that an id can be read aloud and put into a path."""
    assert re.fullmatch(r"run_[0-9a-hjkmnp-tv-z]{26}", new_id("run", NOON))


def test_ids_sort_by_time_and_never_meet() -> None:
    """A later id sorts behind an earlier one; a thousand of the same moment differ."""
    assert new_id("run", NOON) < new_id("run", NOON + timedelta(milliseconds=1))
    assert len({new_id("run", NOON) for _ in range(1_000)}) == 1_000
