"""Reads pages of rows from Parquet files through DuckDB: filtered, in a stable order, after a position. It doesn't depend on datasets."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import Any

from chartly.storage.arrow import duckdb
from chartly.storage.errors import BadFilter, Corrupt
from chartly.storage.table.columns import ROW_NUMBER

from .filter import Term

# Memory for one page. DuckDB keeps the first n rows of all files, never the whole dataset.
_MEMORY = "256MB"
_THREADS = 1

# As listings show decimals.
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_INTEGER_MAX = 2**63

_connection: "duckdb.DuckDBPyConnection | None" = None
_opening = Lock()


def page(
    files: Sequence[Path],
    *,
    columns: Sequence[str],
    order: Sequence[str],
    after: Sequence[object] | None,
    descending: bool = False,
    terms: Sequence[tuple[str, object]] = (),
    condition: str = "",
    parameters: Sequence[object] = (),
    limit: int,
) -> list[dict[str, Any]]:
    """Read at most ``limit`` rows.

    Args:
        files: Parquet files.
        columns: the columns to read. One that no file has is null in every row: another version of the dataset added it.
        order: columns that order the rows; together they are unique.
        after: values of the order columns of the last page's last row.
        descending: whether the order is descending.
        terms: columns with the value that a row must have.
        condition: one more condition, in SQL. It must not contain a caller's text.
        parameters: values of the condition's parameters.
        limit: maximal number of rows.

    Raises:
        Corrupt: a file can't be read.
    """
    if not files:
        return []
    where = [f"{_quoted(name)} = ?" for name, _ in terms]
    values: list[object] = [[str(path) for path in files], *(value for _, value in terms)]
    if condition:
        where.append(condition)
        values += parameters
    if after is not None:
        row, marks = ", ".join(map(_quoted, order)), ", ".join("?" * len(order))
        sign = "<" if descending else ">"
        # The comparison of the first column alone lets DuckDB skip row groups by their statistics.
        where += [f"({row}) {sign} ({marks})", f"{_quoted(order[0])} {sign}= ?"]
        values += [*after, after[0]]
    direction = " DESC" if descending else ""
    rest = (
        f"FROM read_parquet(?, union_by_name=true, hive_partitioning=false, file_row_number={ROW_NUMBER in columns}) "
        + (f"WHERE {' AND '.join(where)} " if where else "")
        + f"ORDER BY {', '.join(_quoted(name) + direction for name in order)} LIMIT {limit}"
    )
    try:
        with _cursor() as cursor:
            try:
                return _rows(cursor, columns, rest, values)
            except duckdb.BinderException:
                # A column is missing. Checking before would read every file's footer twice.
                lacking = set(columns) - {ROW_NUMBER} - _columns(cursor, files)
                if not lacking:
                    raise
            if any(name in lacking for name, _ in terms):
                return []
            rows = _rows(cursor, [name for name in columns if name not in lacking], rest, values)
            return [{name: row.get(name) for name in columns} for row in rows]
    except duckdb.IOException as broken:
        raise Corrupt("table files", "can't be read") from broken


def count(files: Sequence[Path], *, condition: str, parameters: Sequence[object]) -> int:
    """Count the rows that fulfil a condition in SQL, which must not contain a caller's text.

    Raises:
        Corrupt: a file can't be read.
    """
    if not files:
        return 0
    query = f"SELECT count(*) FROM read_parquet(?, union_by_name=true, hive_partitioning=false) WHERE {condition}"  # noqa: S608 - ours
    try:
        with _cursor() as cursor:
            return int(cursor.sql(query, params=[[str(path) for path in files], *parameters]).fetchall()[0][0])
    except duckdb.IOException as broken:
        raise Corrupt("table files", "can't be read") from broken


def _rows(cursor: "duckdb.DuckDBPyConnection", columns: Sequence[str], rest: str, values: Sequence[object]) -> list[dict[str, Any]]:
    query = f"SELECT {', '.join(map(_quoted, columns))} {rest}"
    return cursor.sql(query, params=list(values)).to_arrow_table().to_pylist()


def _columns(cursor: "duckdb.DuckDBPyConnection", files: Sequence[Path]) -> set[str]:
    """Return the columns that any of the files has."""
    query = "SELECT * FROM read_parquet(?, union_by_name=true, hive_partitioning=false) LIMIT 0"
    return set(cursor.sql(query, params=[[str(path) for path in files]]).columns)


def typed_terms(terms: Sequence[Term], types: dict[str, str]) -> list[tuple[str, object]]:
    """Convert the terms' values to the types of their columns.

    Raises:
        BadFilter: a term names no column, or its value is not of the column's type.
    """
    typed: list[tuple[str, object]] = []
    for term in terms:
        kind = types.get(term.field)
        if kind is None:
            raise BadFilter("an unknown field is named")
        try:
            typed.append((term.field, _typed(term.value, kind)))
        except ValueError:
            raise BadFilter(f"a value is not of the type {kind}") from None
    return typed


def _typed(value: str, kind: str) -> object:  # noqa: PLR0911 - one line a type
    if kind.startswith("timestamp"):
        instant = datetime.fromisoformat(value)
        # Without an offset it is in UTC, whatever the time zone of the machine.
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    if kind.startswith("date"):
        return date.fromisoformat(value)
    if kind.startswith("int"):
        number = int(value)
        # DuckDB takes no integer beyond 128 bits, and no column has one beyond 64.
        return number if abs(number) <= _INTEGER_MAX else _refuse(value)
    if kind in ("double", "float"):
        return float(value)
    if kind == "bool":
        if value not in ("true", "false"):
            raise ValueError(value)
        return value == "true"
    if kind.startswith("decimal"):
        return Decimal(value) if _DECIMAL.fullmatch(value) else _refuse(value)
    if kind == "binary":
        return bytes.fromhex(value)
    if kind == "string":
        return value
    return _refuse(value)


def _refuse(value: str) -> object:
    raise ValueError(value)


def _cursor() -> "duckdb.DuckDBPyConnection":
    """Return a cursor of the process's own connection. No caller's SQL runs on it."""
    global _connection  # noqa: PLW0603 - one a process, made once
    with _opening:
        if _connection is None:
            _connection = duckdb.connect(
                ":memory:",
                config={
                    "memory_limit": _MEMORY,
                    "threads": str(_THREADS),
                    "autoinstall_known_extensions": "false",
                    "autoload_known_extensions": "false",
                },
            )
        return _connection.cursor()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
