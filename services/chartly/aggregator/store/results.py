"""Rows of results: insert, list, sum. Every function takes a connection within the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, insert, select, tuple_

from chartly.platform.identity.scope import Scope

from .tables import reasons, results

COUNTS = ("records_in", "canonical", "duplicates", "quarantined", "replayed")

Result = Mapping[str, Any]
"""A row by column names, with ``reasons``: the number of quarantined records by reason."""


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of a project's results."""

    results: int
    failed: int
    runs: int
    counts: dict[str, int]
    reasons: list[tuple[str, int]]
    datasets: list[tuple[str, dict[str, int]]]


def put(connection: Connection, scope: Scope, result: Result) -> bool:
    """Store a result. Return False if the work item has one already."""
    key = {"tenant": scope.tenant, "project": scope.project, "work_id": result["work_id"]}
    known = select(results.c.work_id).where(*_of(scope), results.c.work_id == result["work_id"])
    if connection.execute(known).first() is not None:
        return False
    row = {name: value for name, value in result.items() if name != "reasons"}
    connection.execute(insert(results).values(**{**row, **key}))
    rows = [{**key, "reason": reason, "records": records} for reason, records in result["reasons"].items()]
    if rows:
        connection.execute(insert(reasons), rows)
    return True


def page(connection: Connection, scope: Scope, run_id: str, before: tuple[int, str] | None, count: int) -> list[Result]:
    """Return results, newest first, optionally those after a position in that order."""
    query = select(results).where(*_of(scope))
    if run_id:
        query = query.where(results.c.run_id == run_id)
    if before is not None:
        query = query.where(tuple_(results.c.finished_at_ms, results.c.work_id) < before)
    query = query.order_by(results.c.finished_at_ms.desc(), results.c.work_id.desc()).limit(count)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    held = _reasons_of(connection, scope, [row["work_id"] for row in rows])
    return [{**row, "reasons": held.get(row["work_id"], {})} for row in rows]


def runs(connection: Connection, scope: Scope, before: str, count: int) -> list[Mapping[str, Any]]:
    """Return the sums by run, newest first. Run ids sort by time."""
    query = _summed(results.c.run_id).where(*_of(scope)).group_by(results.c.run_id)
    if before:
        query = query.where(results.c.run_id < before)
    return [dict(row) for row in connection.execute(query.order_by(results.c.run_id.desc()).limit(count)).mappings()]


def sums(connection: Connection, scope: Scope) -> Sums:
    """Return the sums of all results of a project."""
    whole = connection.execute(_summed(func.count(results.c.run_id.distinct()).label("runs")).where(*_of(scope))).mappings().one()
    by_dataset = connection.execute(
        _summed(results.c.dataset).where(*_of(scope), results.c.dataset != "").group_by(results.c.dataset).order_by(results.c.dataset)
    )
    by_reason = connection.execute(
        select(reasons.c.reason, func.sum(reasons.c.records))
        .where(reasons.c.tenant == scope.tenant, reasons.c.project == scope.project)
        .group_by(reasons.c.reason)
        .order_by(func.sum(reasons.c.records).desc(), reasons.c.reason)
    )
    return Sums(
        results=whole["results"],
        failed=whole["failed"],
        runs=whole["runs"],
        counts=_counts(whole),
        reasons=[(reason, int(records)) for reason, records in by_reason],
        datasets=[(row["dataset"], _counts(row)) for row in by_dataset.mappings()],
    )


def _summed(first: ColumnElement[Any]) -> Select[Any]:
    return select(
        first,
        func.count().label("results"),
        func.coalesce(func.sum(case((results.c.succeeded.is_(False), 1), else_=0)), 0).label("failed"),
        func.max(results.c.finished_at_ms).label("last_finished_at_ms"),
        *(func.coalesce(func.sum(results.c[name]), 0).label(name) for name in COUNTS),
    )


def _counts(row: Mapping[Any, Any]) -> dict[str, int]:
    return {name: int(row[name]) for name in COUNTS}


def _of(scope: Scope) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return results.c.tenant == scope.tenant, results.c.project == scope.project


def _reasons_of(connection: Connection, scope: Scope, work_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    where = (reasons.c.tenant == scope.tenant, reasons.c.project == scope.project, reasons.c.work_id.in_(work_ids))
    found: dict[str, dict[str, int]] = {}
    for row in connection.execute(select(reasons).where(*where)).mappings():
        found.setdefault(row["work_id"], {})[row["reason"]] = row["records"]
    return found
