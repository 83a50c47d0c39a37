"""What a report says, and the hash that proves it says the same. Pure."""

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
        """Give it as the contracts have it."""
        return {
            "alias": self.alias,
            "dataset": self.dataset,
            "version": self.version,
            "content_hash": self.content_hash,
            "rows": self.rows,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """What a query gave."""

    columns: list[dict[str, str]]
    rows: list[list[Any]]
    truncated: bool
    row_count: int


def column_type(duckdb_type: str) -> str:
    """Name a column's type as the contract does; what has no name there is read as text."""
    if duckdb_type.startswith("DECIMAL"):
        return "decimal"
    if duckdb_type.startswith("TIMESTAMP"):
        return "timestamp"
    return _TYPES.get(duckdb_type, "string")


def report_id(request: Mapping[str, Any], inputs: Sequence[Input]) -> str:
    """Name a report by what was asked of what: the same question of the same versions is the same report."""
    asked = {"request": request, "versions": {given.alias: [given.dataset, given.version] for given in inputs}}
    return "rep_" + hashlib.sha256(canonical(asked)).hexdigest()[:26]


def result_document(
    request: Mapping[str, Any], inputs: Sequence[Input], table: Table, correlations: list[dict[str, Any]], created_at: str
) -> dict[str, Any]:
    """Give the result as contracts/v1/reports/report_result.json fixes it."""
    said: dict[str, Any] = {"inputs": [given.as_json() for given in inputs], "columns": table.columns, "rows": table.rows}
    if correlations:
        said["correlations"] = correlations
    return said | {
        "report_id": report_id(request, inputs),
        "name": request["name"],
        "title": request["title"],
        "created_at": created_at,
        "row_count": table.row_count,
        "truncated": table.truncated,
        "report_hash": "sha256:" + hashlib.sha256(canonical(said)).hexdigest(),
    }


def csv_of(table: Table) -> bytes:
    """Write a table as RFC 4180 CSV with a header; null is an empty field."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column["name"] for column in table.columns])
    writer.writerows(table.rows)
    return text.getvalue().encode()


def canonical(value: Any) -> bytes:
    """Give RFC 8785 bytes."""
    return canonicalize(orjson.dumps(value))
