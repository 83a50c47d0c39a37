"""The tasks of the worker process, by name: plan (parse and check), query, bounds, rollup, chart. Each takes and returns a message."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chartly.analytics.domain.chart import vega_lite
from chartly.analytics.domain.statement import tables_of
from chartly.analytics.domain.template import INPUT
from chartly.analytics.errors import QueryLimit, QueryRefused
from chartly.platform.json.values import json_value

from .libraries import duckdb, pa, pq, vl_convert
from .sandbox import QueryBounds, lock, open_sandbox, quoted, scan, syntax_tree
from .statement_errors import bound, translated_errors

Message = dict[str, Any]
# Rows read from DuckDB at a time; the bounds on rows and bytes are checked after each batch.
_BATCH_ROWS = 2_048
# Pixels per point of a chart: sharp on high-resolution screens.
_PNG_SCALE = 2.0


def plan(message: Message, bounds: QueryBounds) -> tuple[Message, bytes]:
    """Check a statement; return the tables that it reads."""
    with open_sandbox(bounds) as connection:
        tables = tables_of(syntax_tree(connection, message["sql"]), message["sql"])
    return {"tables": sorted(tables)}, b""


def query(message: Message, bounds: QueryBounds) -> tuple[Message, bytes]:
    """Run a checked statement; return columns and rows as JSON values."""
    with open_sandbox(bounds) as connection:
        lock(connection, message["datasets"])
        tables_of(syntax_tree(connection, message["sql"]), message["sql"])
        with translated_errors(message["sql"], bounds):
            return _answer(connection, message), b""


def bounds_of(message: Message, bounds: QueryBounds) -> tuple[Message, bytes]:
    """Return the first and the last instant of a dataset's time field; null without records."""
    field = quoted(message["time_field"])
    with open_sandbox(bounds) as connection:
        lock(connection, message["datasets"])
        name = next(iter(message["datasets"]))
        columns = connection.sql(f"SELECT * FROM {quoted(name)} LIMIT 0")  # noqa: S608 - quoted
        types = dict(zip(columns.columns, map(str, columns.types), strict=True))
        if not types.get(message["time_field"], "").startswith("TIMESTAMP"):
            raise QueryRefused("inputs.timeField names no column of instants")
        table = connection.sql(f"SELECT min({field}) AS first, max({field}) AS last FROM {quoted(name)}").to_arrow_table()  # noqa: S608 - quoted
        row = table.to_pylist()[0]
    return {name: None if row[name] is None else row[name].isoformat() for name in ("first", "last")}, b""


def rollup(message: Message, bounds: QueryBounds) -> tuple[Message, bytes]:
    """Run a rollup's SQL over the sorted input, and write its rows, in order, to a Parquet file."""
    with open_sandbox(bounds) as connection:
        # Sorted, and read by one thread: sums of floating point numbers don't depend on how the input is split into files.
        order = ", ".join(map(quoted, message["order"])) if message["order"] else "ALL"
        connection.execute(f"CREATE TABLE {INPUT} AS SELECT * FROM ({scan(connection, message['source'])}) ORDER BY {order}")  # noqa: S608 - quoted
        lock(connection, {})
        tables = tables_of(syntax_tree(connection, message["sql"]), message["sql"])
        if not tables <= {INPUT}:
            raise QueryRefused("a rollup reads {{dataset}} alone")
        parameters = {name: datetime.fromisoformat(value) for name, value in message["parameters"].items()}
        with translated_errors(message["sql"], bounds):
            found = bound(connection, message["sql"], parameters).order("ALL").to_arrow_table()
    if found.num_rows > message["rows_max"]:
        raise QueryLimit("query_rows_max", message["rows_max"])
    pq.write_table(_plain(found), message["output"], compression="zstd")
    return {"rows": found.num_rows}, b""


def chart(message: Message, bounds: QueryBounds) -> tuple[Message, bytes]:
    """Run the chart's statement and draw its rows."""
    answer, _ = query(message, bounds)
    if answer["truncated"]:
        raise QueryLimit("series_points_max", message["rows_max"])
    names = [column["name"] for column in answer["columns"]]
    specification = vega_lite(message["config"], names, answer["rows"])
    if message["format"] == "svg":
        return {}, vl_convert.vegalite_to_svg(specification, allowed_base_urls=[]).encode()
    return {}, vl_convert.vegalite_to_png(specification, scale=_PNG_SCALE, allowed_base_urls=[])


TASKS: dict[str, Callable[[Message, QueryBounds], tuple[Message, bytes]]] = {
    "plan": plan,
    "query": query,
    "bounds": bounds_of,
    "rollup": rollup,
    "chart": chart,
}


def run(task: str, message: Message, bounds: QueryBounds) -> tuple[Message, bytes]:
    """Run a task by its name."""
    return TASKS[task](message, bounds)


def _answer(connection: "duckdb.DuckDBPyConnection", message: Message) -> Message:
    found = bound(connection, message["sql"], message["parameters"])
    columns = [{"name": name, "type": str(kind)} for name, kind in zip(found.columns, found.types, strict=True)]
    rows_max, bytes_max = message["rows_max"], message["bytes_max"]
    rows: list[list[Any]] = []
    size_bytes, truncated = 0, False
    for batch in found.to_arrow_reader(_BATCH_ROWS):
        size_bytes += batch.nbytes
        if size_bytes > bytes_max:
            raise QueryLimit("query_bytes_max", bytes_max)
        cells = [column.to_pylist() for column in batch.columns]
        rows += ([json_value(value) for value in row] for row in zip(*cells, strict=True))
        if len(rows) > rows_max:
            rows, truncated = rows[:rows_max], True
            break
    return {"columns": columns, "rows": rows, "truncated": truncated}


def _plain(table: "pa.Table") -> "pa.Table":
    """Cast DuckDB's HUGEINT, the type of integer sums that arrives as decimal(38,0), to int64."""
    fields: list[Any] = []
    for field in table.schema:
        whole = pa.types.is_decimal(field.type) and field.type.scale == 0 and field.type.precision == 38  # noqa: PLR2004 - HUGEINT
        fields.append(pa.field(field.name, pa.int64() if whole else field.type))
    return table.cast(pa.schema(fields))
