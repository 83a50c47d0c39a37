"""Reads the answer of a bound statement, up to its bounds on rows and bytes."""

from typing import TYPE_CHECKING, Any

from chartly.analytics.errors import QueryLimit

from .query_values import carrier, check_nesting, encoded

if TYPE_CHECKING:
    from .libraries import duckdb

# Rows read from DuckDB at a time; the bounds are checked after each batch.
_BATCH_ROWS = 2_048
# Bytes of a JSON value in the response, of which protobuf needs up to 12 for the frame of one.
_FRAME_BYTES = 12
_NUMBER_BYTES = 11
# A value has at most so many times more bytes in Arrow than in the response.
_ARROW_FACTOR = 4


def read_answer(found: "duckdb.DuckDBPyRelation", rows_max: int, bytes_max: int) -> dict[str, Any]:
    """Run a bound statement; return its columns, its first rows as JSON values, and whether it has more.

    Raises:
        QueryRefused: a column nests too deeply.
        QueryLimit: the rows need more than ``bytes_max`` bytes in the response.
    """
    names, kinds = found.columns, found.types
    check_nesting(names, kinds)
    columns = [{"name": name, "type": str(kind)} for name, kind in zip(names, kinds, strict=True)]
    # By position, because two columns may have one name.
    cast = ", ".join(f"CAST(#{at} AS {carrier(kind)})" for at, kind in enumerate(kinds, 1))
    rows: list[list[Any]] = []
    size_bytes = 0
    for batch in found.project(cast).to_arrow_reader(_BATCH_ROWS):
        kept = batch.slice(0, rows_max - len(rows))
        # Before Python's objects are made of it, which need much more memory.
        if kept.nbytes > bytes_max * _ARROW_FACTOR:
            raise QueryLimit("query_bytes_max", bytes_max)
        cells = [encoded(column, kind) for column, kind in zip(kept.columns, kinds, strict=True)]
        size_bytes += sum(_size(value) for column in cells for value in column)
        if size_bytes > bytes_max:
            raise QueryLimit("query_bytes_max", bytes_max)
        rows += map(list, zip(*cells, strict=True))
        if batch.num_rows > kept.num_rows:
            return {"columns": columns, "rows": rows, "truncated": True}
    return {"columns": columns, "rows": rows, "truncated": False}


def _size(value: Any) -> int:
    """Return at least the bytes of a JSON value in a protobuf response."""
    match value:
        case str():
            return _FRAME_BYTES + (len(value) if value.isascii() else len(value.encode()))
        case list():
            return _FRAME_BYTES + sum(map(_size, value))  # pyright: ignore[reportUnknownArgumentType] - JSON values
        case dict():
            return _FRAME_BYTES + sum(_FRAME_BYTES + _size(name) + _size(member) for name, member in value.items())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - JSON values
        case _:
            return _NUMBER_BYTES
