"""Encodes DuckDB's values as JSON: one documented form for each type (docs/reference/query-values.md). It runs no SQL.

Arrow and Python lack some of DuckDB's values, such as an infinite timestamp, an offset of a time, or 128-bit integers. Such values are
cast to text in SQL (``carrier``), and the text is brought into its form here (``encoded``).
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from chartly.analytics.errors import QueryRefused

from .sandbox import quoted

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType

    from .libraries import pa

# A double, and so JSON, does not hold every integer beyond this.
_EXACT_INTEGER_MAX = 2**53
NESTING_MAX = 24
"""Levels of lists and structs in one value. Protobuf reads 100 levels of messages, of which a struct takes three."""
# A year below 0 or above 9999 has a sign and at least so many digits: ISO 8601, as JavaScript reads it.
_EXPANDED_YEAR_DIGITS = 6
_YEAR_MAX = 9_999
_DATE = re.compile(r"(?P<year>\d+)(?P<day>-\d\d-\d\d)(?P<bc> \(BC\))?(?: (?P<time>[\d:.]+))?(?P<utc>\+00)?")
_HOURS_OFFSET = re.compile(r"[+-]\d\d$")

_UNCHANGED = frozenset(
    {"boolean", "tinyint", "smallint", "integer", "utinyint", "usmallint", "uinteger", "varchar", "uuid", "enum", "null"}
)
_LISTS = frozenset({"list", "array"})
_NESTED = frozenset({*_LISTS, "struct", "tuple", "map", "union"})


def carrier(kind: "DuckDBPyType") -> str:  # noqa: PLR0911 - one line a type
    """Return the SQL type to which a value of a type is cast before it leaves DuckDB. No value is lost."""
    match kind.id:
        case "list" | "array":
            return f"{carrier(parts(kind)[0][1])}[]"
        case "struct":
            return f"STRUCT({', '.join(f'{quoted(name)} {carrier(member)}' for name, member in parts(kind))})"
        case "tuple":
            return f"TUPLE({', '.join(carrier(member) for _, member in parts(kind))})"
        case "map":
            key, value = parts(kind)
            return f"MAP({carrier(key[1])}, {carrier(value[1])})"
        case "union":
            return f"UNION({', '.join(f'{quoted(name)} {carrier(member)}' for name, member in parts(kind))})"
        case "variant":
            return "JSON"
        case "decimal" | "bigint" | "ubigint" | "float" | "double" | "blob":
            return str(kind)
        case "null":
            return "VARCHAR"
        case name if name in _UNCHANGED and name != "enum":
            return str(kind)
        case _:
            return "VARCHAR"


def parts(kind: "DuckDBPyType") -> list[tuple[str, "DuckDBPyType"]]:
    """Return the names and types that a list, struct, tuple, map or union is made of."""
    children = cast('list[tuple[str, "DuckDBPyType"]]', kind.children)
    match kind.id:
        case "array":
            # The type of the elements, and in addition their number.
            return children[:1]
        case "union":
            # The first child is the number of the member that is set.
            return children[1:]
        case _:
            return children


def check_nesting(names: Sequence[str], kinds: "Sequence[DuckDBPyType]") -> None:
    """Check that no column nests deeper than Arrow and protobuf read.

    Raises:
        QueryRefused: with the column.
    """
    for name, kind in zip(names, kinds, strict=True):
        level, depth = [kind], 0
        while level := [part for outer in level if outer.id in _NESTED for _, part in parts(outer)]:
            depth += 1
            if depth > NESTING_MAX:
                raise QueryRefused(f"the column {name} nests lists and structs deeper than {NESTING_MAX}")


def encoded(column: "pa.Array", kind: "DuckDBPyType") -> list[Any]:
    """Return a column's values as JSON values.

    Args:
        column: of the type ``carrier(kind)``.
        kind: the type that the statement selects.
    """
    if kind.id in _NESTED:
        return _nested(column, kind)
    values = column.to_pylist()
    form = _FORMS.get(kind.id)
    return values if form is None else [None if value is None else form(value) for value in values]


def _nested(column: Any, kind: "DuckDBPyType") -> list[Any]:
    filled: list[bool] = column.is_valid().to_pylist()
    match kind.id:
        case "struct":
            names = [name for name, _ in parts(kind)]
            values = [dict(zip(names, row, strict=True)) for row in _members(column, parts(kind))]
        case "tuple":
            values = [list(row) for row in _members(column, parts(kind))]
        case "map":
            key, value = parts(kind)
            pairs = [list(pair) for pair in zip(encoded(column.keys, key[1]), encoded(column.items, value[1]), strict=True)]
            values = _cut(pairs, column.offsets)
        case "union":
            members = parts(kind)
            columns = [encoded(column.field(at), member) for at, (_, member) in enumerate(members)]
            codes: list[int] = column.type_codes.to_pylist()
            # Arrow has no null of a union: the member that is set is null then.
            filled = [columns[code][row] is not None for row, code in enumerate(codes)]
            values = [{members[code][0]: columns[code][row]} for row, code in enumerate(codes)]
        case _:
            values = _cut(encoded(column.values, parts(kind)[0][1]), column.offsets)
    return [value if present else None for value, present in zip(values, filled, strict=True)]


def _members(column: Any, members: list[tuple[str, "DuckDBPyType"]]) -> list[tuple[Any, ...]]:
    return list(zip(*(encoded(column.field(at), member) for at, (_, member) in enumerate(members)), strict=True))


def _cut(values: list[Any], offsets: Any) -> list[Any]:
    ends: list[int] = offsets.to_pylist()
    return [values[start:end] for start, end in pairwise(ends)]


def _integer(value: int | str) -> int | str:
    number = int(value)
    return number if abs(number) <= _EXACT_INTEGER_MAX else str(number)


def _number(value: float) -> float | str:
    """Return a double; the values that JSON lacks as text, in the words of protobuf's JSON."""
    if value != value:  # noqa: PLR0124 - NaN
        return "NaN"
    return value if abs(value) != float("inf") else ("Infinity" if value > 0 else "-Infinity")


def _time(text: str) -> str:
    """Return DuckDB's text of a date or timestamp in the form of ISO 8601. ``infinity`` and ``-infinity`` stay as they are."""
    found = _DATE.fullmatch(text)
    if found is None:
        return text
    # The year before 1 is 1 BC, and year 0 in ISO 8601.
    year = 1 - int(found["year"]) if found["bc"] else int(found["year"])
    written = f"{year:04d}" if 0 <= year <= _YEAR_MAX else f"{year:+0{_EXPANDED_YEAR_DIGITS + 1}d}"
    return f"{written}{found['day']}{'T' + found['time'] if found['time'] else ''}{'Z' if found['utc'] else ''}"


def _offset_time(text: str) -> str:
    return f"{text}:00" if _HOURS_OFFSET.search(text) else text


_FORMS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("bigint", "ubigint", "hugeint", "uhugeint", "bignum"), _integer),
    **dict.fromkeys(("float", "double"), _number),
    **dict.fromkeys(("date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"), _time),
    **dict.fromkeys(("timestamp with time zone", "timestamptz_ns"), _time),
    "time with time zone": _offset_time,
    "decimal": lambda value: format(value, "f"),
    "blob": bytes.hex,
}
"""The form of a value by the id of its DuckDB type; types that are not here are already in their form."""
