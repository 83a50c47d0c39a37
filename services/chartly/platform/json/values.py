"""Convert values of a table to JSON values, in the same way for listings and query results."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast

# A double, and so JSON, does not hold every integer beyond this.
_EXACT_INTEGER_MAX = 2**53


def json_value(value: object) -> Any:  # noqa: PLR0911 - one line a type
    """Return a value as JSON: instants as RFC 3339, bytes as hexadecimal digits, numbers that a double can't hold as text."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= _EXACT_INTEGER_MAX else str(value)
        case float():
            return value if value == value and abs(value) != float("inf") else str(value)  # noqa: PLR0124 - NaN
        case datetime():
            return _instant(value)
        case date() | time():
            return value.isoformat()
        case timedelta() | Decimal():
            return str(value)
        case bytes():
            return value.hex()
        case list() | tuple():
            return [json_value(item) for item in cast("Iterable[object]", value)]
        case dict():
            return {str(name): json_value(item) for name, item in cast("dict[object, object]", value).items()}
        case _:
            return str(value)


def _instant(value: datetime) -> str:
    """Return an instant in UTC. One without a zone is in UTC, as in tables."""
    text = (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"{text.rstrip('0').rstrip('.')}Z"
