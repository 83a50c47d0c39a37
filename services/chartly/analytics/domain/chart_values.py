"""Brings the values of a query's answer into the form that a chart's channel draws. Pure."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from chartly.analytics.errors import ChartInvalid

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_NOT_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})
# What JavaScript's Date reads alike everywhere, of ECMAScript's date time string format.
_TIME = re.compile(r"(?P<year>\d{4}|[+-]\d{6})(-\d\d(-\d\d)?)?(?P<clock>T\d\d:\d\d(:\d\d(\.\d+)?)?(?P<zone>Z|[+-]\d\d:\d\d)?)?")
_INFINITE = frozenset({"infinity", "-infinity"})
# JavaScript's Date ends on 13 September 275760, and begins as far before 1970.
_YEAR_MAX = 275_759
_YEAR_MIN = -271_820
_MILLISECONDS_MAX = 8_640_000_000_000_000


class _Undrawable(ValueError):
    """A value that the channel's type can't draw."""


def drawn_values(channel: str, kind: str, column: Mapping[str, str], values: Sequence[Any]) -> list[Any]:
    """Return a column's values as the specification has them; None leaves the value out.

    Args:
        channel: its name, for the refusal.
        kind: the type of the channel.
        column: name and DuckDB type.
        values: in the form of a query's answer.

    Raises:
        ChartInvalid: a value is none that a channel of the type draws.
    """
    form = _FORMS[kind]
    try:
        return [None if value is None else form(value) for value in values]
    except _Undrawable:
        problem = f"{channel}.field names the column {column['name']} of type {column['type']}, which has a value that is not {kind}"
        raise ChartInvalid(problem) from None


def _quantity(value: Any) -> float | None:
    """Return a number; None for what is not finite, which would blank a whole line."""
    if isinstance(value, str):
        if value in _NOT_FINITE:
            return None
        if not _NUMBER.fullmatch(value):
            raise _Undrawable
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Undrawable
    return value if math.isfinite(value) else None


def _instant(value: Any) -> Any:
    """Return an instant. A wall time is drawn as if it were in UTC, so that the chart doesn't depend on the machine's zone."""
    if isinstance(value, str):
        if value in _INFINITE:
            return None
        found = _TIME.fullmatch(value)
        if found is None or not _YEAR_MIN <= int(found["year"]) <= _YEAR_MAX:
            raise _Undrawable
        return f"{value}Z" if found["clock"] and not found["zone"] else value
    # Milliseconds since 1970, as JavaScript has them.
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _MILLISECONDS_MAX:
        raise _Undrawable
    return value


def _name(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


_FORMS: dict[str, Callable[[Any], Any]] = {"quantitative": _quantity, "temporal": _instant, "nominal": _name, "ordinal": _name}
"""By the type of the channel."""
