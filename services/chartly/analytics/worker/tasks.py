"""The tasks of the worker process, by name: plan (parse and check), query, bounds, rollup, chart. Each takes and returns a message."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chartly.analytics.domain.chart import vega_lite
from chartly.analytics.domain.statement import tables_of
from chartly.analytics.domain.svg import with_own_ids
from chartly.analytics.domain.template import INPUT
from chartly.analytics.domain.window import NO_END
from chartly.analytics.errors import QueryLimit, QueryRefused

from .answer import read_answer
from .libraries import duckdb, pq, vl_convert
from .sandbox import QueryBounds, lock, open_sandbox, quoted, reading_files, scan, syntax_tree
from .statement_errors import bound, translated_errors
from .stored_rows import read_rows

Message = dict[str, Any]
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
            found = bound(connection, message["sql"], message["parameters"])
            return read_answer(found, message["rows_max"], message["bytes_max"]), b""


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
        with translated_errors("", bounds):
            table = connection.sql(f"SELECT min({field}) AS first, max({field}) AS last FROM {quoted(name)}").to_arrow_table()  # noqa: S608 - quoted
        row = table.to_pylist()[0]
    return {name: None if row[name] is None else row[name].isoformat() for name in ("first", "last")}, b""


def rollup(message: Message, bounds: QueryBounds) -> tuple[Message, bytes]:
    """Run a rollup's SQL over the sorted input, and write its rows, in order, to a Parquet file."""
    with open_sandbox(bounds) as connection:
        # Sorted, and read by one thread: sums of floating point numbers don't depend on how the input is split into files.
        order = ", ".join(map(quoted, message["order"])) if message["order"] else "ALL"
        with translated_errors("", bounds), reading_files():
            source = scan(connection, message["source"])
            connection.execute(f"CREATE TABLE {INPUT} AS SELECT * FROM ({source}) ORDER BY {order}")  # noqa: S608 - quoted
        lock(connection, {})
        tables = tables_of(syntax_tree(connection, message["sql"]), message["sql"])
        if not tables <= {INPUT}:
            raise QueryRefused("a rollup reads {{dataset}} alone")
        parameters = {name: instant(value) for name, value in message["parameters"].items()}
        with translated_errors(message["sql"], bounds):
            rows = read_rows(bound(connection, message["sql"], parameters), message["rows_max"])
    pq.write_table(rows, message["output"], compression="zstd")
    return {"rows": rows.num_rows}, b""


def instant(text: str) -> Any:
    """Return a bound of a window as a parameter of a statement."""
    return duckdb.Value(text, duckdb.sqltype("TIMESTAMP WITH TIME ZONE")) if text == NO_END else datetime.fromisoformat(text)


def chart(message: Message, bounds: QueryBounds) -> tuple[Message, bytes]:
    """Run the chart's statement and draw its rows."""
    answer, _ = query(message, bounds)
    if answer["truncated"]:
        raise QueryLimit("series_points_max", message["rows_max"])
    specification = vega_lite(message["config"], answer["columns"], answer["rows"])
    if message["format"] == "svg":
        return {}, with_own_ids(vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])).encode()
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
