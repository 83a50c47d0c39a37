"""The seed's ops, on ``re`` and ``datetime``.

It returns whether an op fails, not the rule that failed.
"""

import datetime as dt
import re

from .numbers import is_json_number, surviving
from .tree import Node, RawNumber

_RFC3339 = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})[Tt](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]{1,9}))?(?:[Zz]|(?P<sign>[+-])(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2}))"
)

# The calendar repeats after 400 years; datetime knows no year 0, so dates are reckoned that much away from the nearer end.
_CYCLE_YEARS = 400
_MIDDLE_YEAR = 5000


class TransformFailed(Exception):
    """A value that an op can't convert."""


def to_number(value: Node) -> RawNumber:
    """Return a number, or text that is exactly a number, in the form that RFC 8785 writes for its double.

    Raises:
        TransformFailed: it is neither.
        Overflow: it is too large.
        PrecisionLost: no double represents it.
    """
    if isinstance(value, RawNumber):
        return RawNumber(repr(surviving(value.text)))
    if isinstance(value, str) and is_json_number(value):
        return RawNumber(repr(surviving(value)))
    raise TransformFailed


def to_utc_timestamp(value: Node) -> str:
    """Return RFC 3339 text as RFC 3339 text of UTC.

    Raises:
        TransformFailed: it is not an RFC 3339 date-time.
    """
    if not isinstance(value, str):
        raise TransformFailed
    found = _RFC3339.fullmatch(value)
    if found is None:
        raise TransformFailed
    year, month, day, hour, minute, second = (int(found[name]) for name in ("year", "month", "day", "hour", "minute", "second"))
    hours, minutes = int(found["hours"] or 0), int(found["minutes"] or 0)
    if hours > 23 or minutes > 59:
        raise TransformFailed
    shift = _CYCLE_YEARS if year < _MIDDLE_YEAR else -_CYCLE_YEARS
    try:
        local = dt.datetime(year + shift, month, day, hour, minute, second)  # noqa: DTZ001 - the offset is taken off below
    except ValueError:
        raise TransformFailed from None
    east = dt.timedelta(hours=hours, minutes=minutes) * (-1 if found["sign"] == "-" else 1)
    utc = local - east
    utc_year = utc.year - shift
    if not 0 <= utc_year <= 9999:
        raise TransformFailed
    fraction = (found["fraction"] or "").rstrip("0")
    return f"{utc_year:04}-{utc:%m-%dT%H:%M:%S}{'.' + fraction if fraction else ''}Z"


def apply(op: str, value: Node) -> Node:
    """Apply an op without options to a value that is present."""
    match op:
        case "toNumber":
            return to_number(value)
        case "toUtcTimestamp":
            return to_utc_timestamp(value)
        case _:
            raise ValueError(op)
