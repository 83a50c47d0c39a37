"""Convert the values of a dataset to JSON values, in the form in which a query returns them (docs/reference/query-values.md)."""

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, cast

# A double, and so JSON, does not hold every integer beyond this.
_EXACT_INTEGER_MAX = 2**53
# Python's words for what JSON lacks, with those of protobuf's JSON.
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def json_value(value: object) -> Any:  # noqa: PLR0911 - one line a type
    """Return a value as JSON: instants as RFC 3339, bytes as hexadecimal digits, numbers that a double can't hold as text."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= _EXACT_INTEGER_MAX else str(value)
        case float():
            return value if math.isfinite(value) else _NOT_FINITE[str(value)]
        case datetime():
            return _instant(value)
        case date() | time():
            return value.isoformat()
        case Decimal():
            # Not ``str``, which writes a zero with nine places as 0E-9.
            return format(value, "f")
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
