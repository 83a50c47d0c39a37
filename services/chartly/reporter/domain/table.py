"""The rows of a report, and their form in JSON and CSV (docs/reference/query-values.md). Pure."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from chartly.native import canonicalize
from chartly.platform.errors import FieldViolation
from chartly.reporter.errors import ReportRequestInvalid

CELL_CHARACTERS_MAX = 65_536
"""As the contract of a result says."""
_INTEGERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "BIGNUM"),
)
_TYPES = {
    "BOOLEAN": "boolean",
    "DOUBLE": "number",
    "FLOAT": "number",
    "DATE": "timestamp",
    **dict.fromkeys(_INTEGERS, "integer"),
}
_NUMBERS = frozenset({"integer", "number", "decimal"})
_BOOLEANS = {True: "true", False: "false"}


@dataclass(frozen=True, slots=True)
class Table:
    """The result of a query."""

    columns: list[dict[str, str]]
    rows: list[list[Any]]
    truncated: bool
    row_count: int

    def has_numbers(self, name: str) -> bool:
        """Return whether a column holds numbers."""
        return any(column["name"] == name and column["type"] in _NUMBERS for column in self.columns)


def table_of(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]], row_count: int, *, truncated: bool) -> Table:
    """Return the table of a query's answer, with every cell as the contract of a result has it.

    Args:
        columns: name and DuckDB type of each.
        rows: in the form of a query's answer, where whole numbers may be floats.
        row_count: of the whole result.
        truncated: whether the result has more rows than these.

    Raises:
        ReportRequestInvalid: a cell is longer than a result holds; with its column.
    """
    kinds = [column_type(kind) for _, kind in columns]
    cells = [[_cell(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in rows]
    for row in cells:
        for value, (name, _) in zip(row, columns, strict=True):
            if isinstance(value, str) and len(value) > CELL_CHARACTERS_MAX:
                rule = f"the column {name} has a value of more than {CELL_CHARACTERS_MAX} characters; select other columns"
                raise ReportRequestInvalid(violations=(FieldViolation("request.columns", rule),))
    named = [{"name": name, "type": kind} for (name, _), kind in zip(columns, kinds, strict=True)]
    return Table(named, cells, truncated, row_count)


def column_type(duckdb_type: str) -> str:
    """Return the contract's name of a DuckDB type; types without a name, also lists, are text."""
    if duckdb_type.endswith("]"):
        return "string"
    if duckdb_type.startswith("DECIMAL"):
        return "decimal"
    if duckdb_type.startswith("TIMESTAMP"):
        return "timestamp"
    return _TYPES.get(duckdb_type, "string")


def csv_of(table: Table) -> bytes:
    """Return a table as RFC 4180 CSV with a header; null is an empty field, booleans are as in JSON."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column["name"] for column in table.columns])
    writer.writerows([_BOOLEANS[value] if isinstance(value, bool) else value for value in row] for row in table.rows)
    return text.getvalue().encode()


def canonical(value: Any) -> bytes:
    """Return RFC 8785 bytes."""
    return canonicalize(orjson.dumps(value))


def _cell(value: Any, kind: str) -> Any:
    if isinstance(value, list | dict):
        return canonical(value).decode()
    return int(value) if kind == "integer" and isinstance(value, float) else value
