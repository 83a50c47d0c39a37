"""Computes the windows of a rollup: whole windows, from the first record's to the last record's. Pure; it reads no clock."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from chartly.analytics.errors import ProfileUnusable

T = TypeVar("T")
_DURATION = re.compile(r"P(?:(\d{1,5})([DWMY])|T(\d{1,5})([HM]))")
# A Monday: windows of weeks begin on Mondays, as in ISO 8601. Windows of other lengths are counted from 1970-01-01.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_MONTHS_A_YEAR = 12
_LENGTHS = {
    "D": timedelta(days=1),
    "W": timedelta(weeks=1),
    "H": timedelta(hours=1),
    "m": timedelta(minutes=1),
}
_FIRST = datetime.min.replace(tzinfo=UTC)
NO_END = "infinity"
"""The end of a window that no instant of the calendar is behind, as DuckDB writes it."""
EMPTY = (_EPOCH, _EPOCH)
"""The bounds of a rollup whose input has no record."""


def covering(window: str | None, first: datetime, last: datetime) -> tuple[datetime, datetime | None]:
    """Return begin (included) and end (excluded) of the windows that hold ``first`` and ``last``.

    Without a window, return exactly the range of the records. A window that begins before the year 1 begins at the first instant of the
    calendar, which holds the same records; the end of a window that ends after the year 9999 is None.

    Raises:
        ProfileUnusable: the window is no duration of one unit above zero.
    """
    count, unit = _parse(window) if window else (0, "")
    if not window:
        return first, _within(lambda: last + timedelta(microseconds=1))
    if unit in ("M", "Y"):
        months = count * (_MONTHS_A_YEAR if unit == "Y" else 1)
        begin = _within(lambda: _month(_months(first) // months * months))
        return begin or _FIRST, _within(lambda: _month((_months(last) // months + 1) * months))
    origin = _FIRST_MONDAY if unit == "W" else _EPOCH
    length = count * _LENGTHS[unit]
    begin = _within(lambda: origin + (first - origin) // length * length)
    return begin or _FIRST, _within(lambda: origin + ((last - origin) // length + 1) * length)


def _within(calculate: Callable[[], T]) -> T | None:
    """Return the result of a calculation; None if it is outside the calendar."""
    try:
        return calculate()
    except (OverflowError, ValueError):
        return None


def _parse(window: str) -> tuple[int, str]:
    found = _DURATION.fullmatch(window)
    if not found:
        raise ProfileUnusable("inputs.window is not an ISO 8601 duration of one unit")
    days, day_unit, hours, hour_unit = found.groups()
    count = int(days or hours)
    if not count:
        raise ProfileUnusable("inputs.window is zero")
    return count, day_unit or ("m" if hour_unit == "M" else "H")


def _months(time: datetime) -> int:
    return time.year * _MONTHS_A_YEAR + time.month - 1


def _month(months: int) -> datetime:
    return datetime(months // _MONTHS_A_YEAR, months % _MONTHS_A_YEAR + 1, 1, tzinfo=UTC)
