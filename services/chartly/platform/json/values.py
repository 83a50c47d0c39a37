"""Values of a table as JSON values, alike in listings and in query results. It reads no table."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast

# Beyond this a double, and so JSON, no longer holds every integer.
_EXACT_INTEGER_MAX = 2**53


def json_value(value: object) -> Any:  # noqa: PLR0911 - one line a type
    """Give a value as JSON: instants as RFC 3339, bytes as hexadecimal digits, what a double can't hold as text."""
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
    """An instant without a zone is UTC, as tables keep them; one with another zone is the same instant in UTC."""
    text = (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"{text.rstrip('0').rstrip('.')}Z"
