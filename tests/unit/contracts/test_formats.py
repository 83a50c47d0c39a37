"""Dates and times after RFC 3339."""

import pytest

from chartly.contracts.formats import is_date, is_date_time


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-02T12:00:00Z",
        "2026-02-02t12:00:00z",
        "2026-02-02T12:00:00.123456789+23:59",
        "0000-02-29T00:00:00Z",
        "2024-02-29T23:59:59-08:00",
    ],
)
def test_date_times_pass(text: str) -> None:
    """Every RFC 3339 date-time passes, in either case."""
    assert is_date_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-02T12:00:00",
        "2026-02-02 12:00:00Z",
        "2026-02-30T12:00:00Z",
        "2023-02-29T12:00:00Z",
        "2026-02-02T24:00:00Z",
        "2026-02-02T23:59:60Z",
        "2026-02-02T12:00:00.Z",
        "2026-02-02T12:00:00+24:00",
        "\uff12\uff10\uff12\uff16-02-02T12:00:00Z",
        "2026-02-02T12:00:00Z\n",
        "2026-2-2T12:00:00Z",
    ],
)
def test_invalid_date_times_are_refused(text: str) -> None:
    """A missing offset, a day that doesn't exist, a leap second and other digits are refused."""
    assert not is_date_time(text)


def test_other_types_pass() -> None:
    """A format is checked for strings only."""
    assert is_date(20260202)
    assert is_date_time(None)
