"""The result document of a report, and its hash. Pure."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from chartly.native import canonicalize

_TYPES = {
    "BOOLEAN": "boolean",
    "DOUBLE": "number",
    "FLOAT": "number",
    "DATE": "timestamp",
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"), "integer"),
}


@dataclass(frozen=True, slots=True)
class Input:
    """A dataset at the version that was read."""

    alias: str
    dataset: str
    version: int
    content_hash: str
    rows: int

    def as_json(self) -> dict[str, Any]:
        """Return it as the contracts describe it."""
        return {
            "alias": self.alias,
            "dataset": self.dataset,
            "version": self.version,
            "content_hash": self.content_hash,
            "rows": self.rows,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """The result of a query."""

    columns: list[dict[str, str]]
    rows: list[list[Any]]
    truncated: bool
    row_count: int


def column_type(duckdb_type: str) -> str:
    """Return the contract's name of a DuckDB type; types without a name are text."""
    if duckdb_type.startswith("DECIMAL"):
        return "decimal"
    if duckdb_type.startswith("TIMESTAMP"):
        return "timestamp"
    return _TYPES.get(duckdb_type, "string")


def report_id(request: Mapping[str, Any], inputs: Sequence[Input]) -> str:
    """Return the id of a report: the same request over the same versions has the same id."""
    asked = {"request": request, "versions": {given.alias: [given.dataset, given.version] for given in inputs}}
    return "rep_" + hashlib.sha256(canonical(asked)).hexdigest()[:26]


def result_document(
    request: Mapping[str, Any], inputs: Sequence[Input], table: Table, correlations: list[dict[str, Any]], created_at: str
) -> dict[str, Any]:
    """Return the result as contracts/v1/reports/report_result.json describes it."""
    result: dict[str, Any] = {
        "report_id": report_id(request, inputs),
        "name": request["name"],
        "title": request["title"],
        "inputs": [given.as_json() for given in inputs],
        "columns": table.columns,
        "rows": table.rows,
        "row_count": table.row_count,
        "truncated": table.truncated,
    }
    if correlations:
        result["correlations"] = correlations
    # The hash covers all that a reader sees, but the time: the same request over the same versions has the same hash.
    digest = hashlib.sha256(canonical(result)).hexdigest()
    return result | {"created_at": created_at, "report_hash": f"sha256:{digest}"}


def csv_of(table: Table) -> bytes:
    """Return a table as RFC 4180 CSV with a header; null is an empty field."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column["name"] for column in table.columns])
    writer.writerows(table.rows)
    return text.getvalue().encode()


def canonical(value: Any) -> bytes:
    """Return RFC 8785 bytes."""
    return canonicalize(orjson.dumps(value))
