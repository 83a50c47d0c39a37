"""Values of tables as JSON for clients."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from chartly.platform.json.values import json_value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, True),
        (2**53, 2**53),
        (2**53 + 1, "9007199254740993"),
        (1.5, 1.5),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (Decimal("1.10"), "1.10"),
        (b"\x00\xff", "00ff"),
        (date(2026, 2, 2), "2026-02-02"),
        ([1, {"a": b"\x01"}], [1, {"a": "01"}]),
        ({1: (2,)}, {"1": [2]}),
    ],
)
def test_a_value_keeps_its_meaning(value: object, shown: object) -> None:
    """A number that a double can't represent is text, also in nested values."""
    assert json_value(value) == shown


@pytest.mark.parametrize(
    ("instant", "shown"),
    [
        (datetime(2026, 2, 2, 12), "2026-02-02T12:00:00Z"),  # noqa: DTZ001 - tables keep UTC without a zone
        (datetime(2026, 2, 2, 12, 0, 0, 250_000, tzinfo=UTC), "2026-02-02T12:00:00.25Z"),
        (datetime(2026, 2, 2, 12, tzinfo=timezone(timedelta(hours=2))), "2026-02-02T10:00:00Z"),
    ],
)
def test_an_instant_is_in_utc(instant: datetime, shown: str) -> None:
    """An instant of another zone is shown as the same instant."""
    assert json_value(instant) == shown
