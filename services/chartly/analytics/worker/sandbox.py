"""DuckDB in a sandbox: it reads the named files only, has no network and no settings, and bounded memory. One connection a request."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from chartly.analytics.errors import DatasetDamaged, QueryRefused

from .libraries import duckdb

_TYPES = {
    "bool": "BOOLEAN",
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date32[day]": "DATE",
    "binary": "BLOB",
}


@dataclass(frozen=True, slots=True)
class QueryBounds:
    """The bounds of a query."""

    memory_bytes_max: int
    spill_bytes_max: int
    spill_folder: str


def open_sandbox(bounds: QueryBounds) -> "duckdb.DuckDBPyConnection":
    """Open an empty database. Call ``lock`` before a caller's SQL runs."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{bounds.memory_bytes_max}B",
            "temp_directory": bounds.spill_folder,
            "max_temp_directory_size": f"{bounds.spill_bytes_max}B",
            # One thread: sums of floating point numbers are then the same each time.
            "threads": "1",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            # An error then has its position as a number, and no excerpt of the statement.
            "errors_as_json": "true",
        },
    )
    for extension in ("icu", "json", "parquet"):
        connection.execute(f"LOAD {extension}")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def lock(connection: "duckdb.DuckDBPyConnection", datasets: Mapping[str, Mapping[str, Any]]) -> None:
    """Make each dataset a view over its files; then allow only these files, and no change of a setting.

    Raises:
        DatasetDamaged: a file is missing or no Parquet file.
    """
    for name, source in datasets.items():
        with reading_files():
            connection.execute(f"CREATE VIEW {quoted(name)} AS {scan(connection, source)}")
    allowed = ", ".join(literal(file) for source in datasets.values() for file in source["files"])
    connection.execute(f"SET allowed_paths = [{allowed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


@contextmanager
def reading_files() -> Generator[None]:
    """Translate the errors of SQL of ours that opens a dataset's files: one is missing, or no Parquet file.

    Raises:
        DatasetDamaged: such an error.
    """
    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException) as broken:
        raise DatasetDamaged from broken


def scan(connection: "duckdb.DuckDBPyConnection", source: Mapping[str, Any]) -> str:
    """Return SQL that reads a dataset's files as one table. A column that a file lacks is null there. Without files the table is empty."""
    files: Sequence[str] = source["files"]
    read = f"read_parquet([{', '.join(map(literal, files))}], union_by_name = true, hive_partitioning = false)" if files else ""
    held: Sequence[str] = connection.sql(f"SELECT * FROM {read}").columns if read else ()  # noqa: S608 - literals
    known = {name.lower() for name in held}
    lacking = {name: _duckdb_type(kind) for name, kind in source["columns"].items() if name.lower() not in known}
    columns = [*map(quoted, held), *(f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in lacking.items())]
    return f"SELECT {', '.join(columns) or 'NULL AS nothing'} {f'FROM {read}' if read else 'WHERE false'}"


def _duckdb_type(arrow: str) -> str:
    if arrow.startswith("decimal128"):
        return arrow.replace("decimal128", "DECIMAL")
    return "TIMESTAMPTZ" if arrow.startswith("timestamp") else _TYPES.get(arrow, "VARCHAR")


def syntax_tree(connection: "duckdb.DuckDBPyConnection", sql: str) -> dict[str, Any]:
    """Parse a text with DuckDB's own parser.

    Raises:
        QueryRefused: the text nests deeper than its syntax tree can be read.
    """
    rows = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchall()
    try:
        return orjson.loads(rows[0][0])
    except orjson.JSONDecodeError as deep:
        raise QueryRefused("the statement nests too deeply") from deep


def quoted(name: str) -> str:
    """Return a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text constant."""
    return "'" + text.replace("'", "''") + "'"
