"""Reads a rollup's rows in the types that a dataset's table keeps: exact, or refused with the column's name.

docs/reference/query-values.md lists the types. It writes no file.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chartly.analytics.errors import QueryLimit, QueryRefused

from .libraries import duckdb, pa, pc
from .query_values import carrier, check_nesting, encoded, parts
from .sandbox import quoted

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType

_KEPT = frozenset(
    {
        "boolean", "tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "float", "double", "decimal",
        "varchar", "blob", "date", "timestamp with time zone",
    }
)  # fmt: skip
"""Types that a table has as well."""
_AS_TEXT = frozenset({"enum", "uuid", "time", "time_ns", "time with time zone", "null"})
"""Types that a table keeps as text, in the form of a query's answer."""
_WIDE = frozenset({"ubigint", "hugeint", "uhugeint", "bignum"})
"""Integers beyond 64 bits: a table keeps them as BIGINT while all values of the column fit, else as DECIMAL(38,0)."""
_WALL_TIME = "is a wall time without a zone; a table keeps instants: use AT TIME ZONE"
_REMEDIES = {
    **dict.fromkeys(("timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"), _WALL_TIME),
    "timestamptz_ns": "has nanoseconds, and a table keeps microseconds: cast it to TIMESTAMPTZ",
    "interval": "has no type in a table: use epoch(…) for seconds, or cast it to VARCHAR",
    "tuple": "has no type in a table: name its fields with struct_pack",
    "union": "has no type in a table: use union_extract, or cast it to VARCHAR",
    "variant": "has no type in a table: cast it to the type of its values, or to JSON",
}
_REMEDY = "has no type in a table: cast it to VARCHAR"
_DECIMAL_DIGITS = 38
_ROW_NUMBER = "file_row_number"
# 0001-01-01 and 9999-12-31, as days and as microseconds: the calendar of Python and of the canonical records.
_DAY_MIN, _DAY_MAX = -719_162, 2_932_896
_DAY_US = 86_400_000_000


def read_rows(found: "duckdb.DuckDBPyRelation", rows_max: int) -> "pa.Table":
    """Run a bound statement; return its rows, ordered by all columns.

    Raises:
        QueryLimit: it has more than ``rows_max`` rows.
        QueryRefused: a column's name, type or value is none that a table keeps; with the column.
        duckdb.Error: the statement fails while it runs.
    """
    names, kinds = found.columns, found.types
    _check_names(names)
    check_nesting(names, kinds)
    cast = ", ".join(f"CAST(#{at} AS {_column_type(name, kind)})" for at, (name, kind) in enumerate(zip(names, kinds, strict=True), 1))
    ordered = found.order("ALL").limit(rows_max + 1)
    try:
        table = ordered.project(cast).to_arrow_table()
    except duckdb.ConversionException:
        _raise_with_column(ordered, names, kinds)
        raise
    if table.num_rows > rows_max:
        raise QueryLimit("query_rows_max", rows_max)
    columns = [_stored(name, kind, column) for name, kind, column in zip(names, kinds, table.columns, strict=True)]
    for name, column in zip(names, columns, strict=True):
        _check_calendar(name, column)
    return pa.table(columns, names=names)


def _check_names(names: list[str]) -> None:
    seen = set[str]()
    for at, name in enumerate(names, 1):
        if not name or "\0" in name:
            raise QueryRefused(f"column {at} has no name that a table takes; name it with AS")
        if name.startswith("_"):
            raise QueryRefused(f"the column {name} begins with an underscore, as columns of the platform do; name it with AS")
        if name.lower() == _ROW_NUMBER:
            raise QueryRefused(f"the column {name} has a name that storage adds when it reads a table; name it with AS")
        if name.lower() in seen:
            raise QueryRefused(f"two columns are named {name}, without regard to case; name one of them with AS")
        seen.add(name.lower())


def _column_type(name: str, kind: "DuckDBPyType") -> str:
    # Digits as text, because no type of Arrow holds all of these integers.
    return "VARCHAR" if kind.id in _WIDE else _stored_type(name, kind)


def _stored_type(name: str, kind: "DuckDBPyType") -> str:
    """Return the SQL type in which a column, or a part of one, is read."""
    match kind.id:
        case "list" | "array":
            return f"{_stored_type(name, parts(kind)[0][1])}[]"
        case "struct":
            return f"STRUCT({', '.join(f'{quoted(field)} {_stored_type(name, member)}' for field, member in parts(kind))})"
        case "map":
            key, value = parts(kind)
            return f"MAP({_stored_type(name, key[1])}, {_stored_type(name, value[1])})"
        case plain if plain in _KEPT:
            return str(kind)
        case text if text in _AS_TEXT:
            return carrier(kind)
        case wide if wide in _WIDE:
            # Within a list or struct; the cast refuses what is larger.
            return f"DECIMAL({_DECIMAL_DIGITS},0)"
        case other:
            raise QueryRefused(f"the column {name} of type {kind} {_REMEDIES.get(other, _REMEDY)}")


def _raise_with_column(found: "duckdb.DuckDBPyRelation", names: list[str], kinds: list["DuckDBPyType"]) -> None:
    """Raise the refusal of the first column whose cast fails. Without one, the statement's own cast has failed."""
    for at, (name, kind) in enumerate(zip(names, kinds, strict=True), 1):
        cast = f"CAST(#{at} AS {_column_type(name, kind)})"
        try:
            found.project(f"#{at}").to_arrow_table()
        except duckdb.ConversionException:
            return
        try:
            found.project(cast).to_arrow_table()
        except duckdb.ConversionException as beyond:
            raise QueryRefused(f"the column {name} of type {kind} has a value that no table keeps") from beyond


def _stored(name: str, kind: "DuckDBPyType", column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    if kind.id in _WIDE:
        numbers = [None if value is None else int(value) for value in column.to_pylist()]
        try:
            return pa.chunked_array([pa.array(numbers, pa.int64())])
        except (OverflowError, pa.ArrowInvalid):
            pass
        if any(abs(number) >= 10**_DECIMAL_DIGITS for number in numbers if number is not None):
            raise QueryRefused(f"the column {name} of type {kind} has a value of more than {_DECIMAL_DIGITS} digits")
        return pa.chunked_array([pa.array(numbers, pa.decimal128(_DECIMAL_DIGITS, 0))])
    if kind.id in _AS_TEXT:
        return pa.chunked_array([pa.array([value for chunk in column.chunks for value in encoded(chunk, kind)], pa.string())])
    return column


def _check_calendar(name: str, column: "pa.ChunkedArray") -> None:
    for leaf in _leaves(column):
        if pa.types.is_date(leaf.type):
            first, end = _DAY_MIN, _DAY_MAX + 1
            numbers = leaf.cast(pa.int32())
        elif pa.types.is_timestamp(leaf.type):
            first, end = _DAY_MIN * _DAY_US, (_DAY_MAX + 1) * _DAY_US
            numbers = leaf.cast(pa.int64())
        else:
            continue
        extremes: dict[str, int | None] = pc.min_max(numbers).as_py()
        low, high = extremes["min"], extremes["max"]
        if low is not None and high is not None and not (first <= low and high < end):
            raise QueryRefused(f"the column {name} has a value before the year 1 or after the year 9999, or an infinite one")


def _leaves(column: Any) -> Iterator[Any]:
    """Yield the arrays of a column that hold values."""
    for array in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
        if pa.types.is_map(array.type):
            yield from _leaves(array.keys)
            yield from _leaves(array.items)
        elif pa.types.is_struct(array.type) or pa.types.is_list(array.type):
            for part in array.flatten() if pa.types.is_struct(array.type) else [array.flatten()]:
                yield from _leaves(part)
        else:
            yield array
