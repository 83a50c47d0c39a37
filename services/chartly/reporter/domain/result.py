"""The result document of a report, and its hash. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chartly.platform.errors import FieldViolation
from chartly.reporter.errors import ReportRequestInvalid

from .table import Table, canonical


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


def check_correlations(request: Mapping[str, Any], table: Table) -> None:
    """Check that correlations name columns of numbers.

    Raises:
        ReportRequestInvalid: with the place of each that doesn't.
    """
    problems = [
        FieldViolation(f"request.correlations.{at}.{side}", "must name a column of numbers")
        for at, pair in enumerate(request.get("correlations", []))
        for side in ("x", "y")
        if not table.has_numbers(pair[side])
    ]
    if problems:
        raise ReportRequestInvalid(violations=tuple(problems))
