"""Runs a caller's SQL, and translates DuckDB's errors into the errors of analytics. It opens no database."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import orjson

from chartly.analytics.domain.refusal import refusal
from chartly.analytics.errors import DatasetDamaged, QueryLimit, QueryRefused

from .libraries import duckdb
from .sandbox import QueryBounds

# DuckDB's words for a wrong number of parameters. These messages hold no data, unlike others of their kind.
_PARAMETERS = ("Values were not provided", "Parameter argument/count mismatch", "Mixing named and positional parameters")


def bound(connection: "duckdb.DuckDBPyConnection", sql: str, parameters: list[Any] | dict[str, Any]) -> "duckdb.DuckDBPyRelation":
    """Bind a statement to its tables and parameters, without running it.

    Raises:
        duckdb.Error: names, types or parameters don't fit; with the place in the text.
    """
    try:
        return connection.sql(sql, params=parameters or None)
    except (duckdb.BinderException, duckdb.CatalogException):
        # This interface omits the place of the error; ``execute`` binds first, so it fails in the same way, and names the place.
        connection.execute(sql, parameters or None)
        raise


@contextmanager
def translated_errors(sql: str, bounds: QueryBounds) -> Generator[None]:
    """Translate DuckDB's errors of a caller's SQL. An error outside of this block is a bug of Chartly and stays as it is."""
    try:
        yield
    except duckdb.Error as failure:
        raise _translated(failure, sql, bounds) from failure


def _translated(failure: Exception, sql: str, bounds: QueryBounds) -> Exception:
    """Translate an error of DuckDB; a message that may hold data is replaced by the kind of the error."""
    kind = type(failure).__name__.removesuffix("Exception")
    message, position = _message(failure)
    match failure:
        case duckdb.OutOfMemoryException():
            return QueryLimit("query_memory_bytes_max", bounds.memory_bytes_max)
        case duckdb.ParserException() | duckdb.BinderException() | duckdb.CatalogException():
            return refusal(message, sql, position)
        case duckdb.IOException():
            return DatasetDamaged()
        case duckdb.InternalException() | duckdb.FatalException():
            return failure
        case _ if message.startswith(_PARAMETERS):
            return QueryRefused(message)
        case _:
            return refusal(f"{kind} error while running", sql, position)


def _message(failure: Exception) -> tuple[str, str | None]:
    """Return the message of an error, and its position in the statement if it has one."""
    _, _, text = str(failure).partition("Error: ")
    if not text.startswith("{"):
        return text, None
    facts: dict[str, str] = orjson.loads(text)
    return facts["exception_message"], facts.get("position")
