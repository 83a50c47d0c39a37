"""Dead letters, and work that was open when its run ended, in the database.

Every function takes a connection within a transaction that its caller opened.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from chartly.orchestrator.domain.retry import DeadLetterState
from chartly.orchestrator.domain.run import Run
from chartly.orchestrator.domain.work import DeadLetter, EndedWork, WantedWork
from chartly.platform.identifiers import new_id
from chartly.platform.identity.scope import Scope
from chartly.v1 import coordinator_pb2

from . import body as bodies
from .tables import dead_letters

# SQLite takes at most 32,766 variables a statement; this stays far below.
_KEYS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class StoredDeadLetter:
    """A dead letter, and how it was resolved."""

    dead_letter_id: str
    run_id: str
    work: DeadLetter
    state: DeadLetterState
    at_ms: int
    resolved_by: str
    resolved_at_ms: int
    note: str
    retried_as: str


@dataclass(frozen=True, slots=True)
class DeadLetterFilter:
    """A selection of dead letters; an empty field selects all."""

    run_id: str = ""
    source_id: str = ""
    kind: str = ""
    reason: str = ""
    state: str = DeadLetterState.DEAD.value


def keep(connection: Connection, run: Run, left: Iterable[DeadLetter], now_ms: int) -> None:
    """Store work that a run did not finish."""
    at = datetime.fromtimestamp(now_ms / 1000, UTC)
    rows = [
        {
            "dead_letter_id": new_id("dead", at),
            "work_key": each.wanted.work_key,
            "tenant": run.tenant,
            "project": run.project,
            "run_id": run.run_id,
            "source_id": each.wanted.source_id,
            "kind": each.wanted.kind,
            "reason": each.reason,
            "dead": each.dead,
            "state": (DeadLetterState.DEAD if each.dead else DeadLetterState.OPEN_AT_END).value,
            "at_ms": now_ms,
            "body": bodies.encode(each),
            "resolved_by": "",
            "resolved_at_ms": 0,
            "note": "",
            "retried_as": "",
            "cleanup_pending": False,
        }
        for each in left
    ]
    if rows:
        connection.execute(insert(dead_letters), rows)


def of_run(connection: Connection, run_id: str) -> list[StoredDeadLetter]:
    """Read the work of a run that may be retried, in the order in which it failed."""
    states = (DeadLetterState.DEAD.value, DeadLetterState.OPEN_AT_END.value)
    query = select(dead_letters).where(dead_letters.c.run_id == run_id, dead_letters.c.state.in_(states))
    return [_stored(row) for row in connection.execute(query.order_by(dead_letters.c.dead_letter_id)).mappings()]


def page(connection: Connection, scope: Scope, asked: DeadLetterFilter, before: str, count: int) -> list[StoredDeadLetter]:
    """Read dead letters, newest first, those before ``before`` when it is given."""
    query = _filtered(scope, asked)
    if before:
        query = query.where(dead_letters.c.dead_letter_id < before)
    return [_stored(row) for row in connection.execute(query.order_by(dead_letters.c.dead_letter_id.desc()).limit(count)).mappings()]


def oldest(connection: Connection, scope: Scope, asked: DeadLetterFilter, count: int) -> list[StoredDeadLetter]:
    """Read the oldest dead letters of a selection."""
    query = _filtered(scope, asked).order_by(dead_letters.c.dead_letter_id).limit(count)
    return [_stored(row) for row in connection.execute(query).mappings()]


def by_ids(connection: Connection, scope: Scope, dead_letter_ids: Sequence[str]) -> list[StoredDeadLetter]:
    """Read the project's dead letters with these ids."""
    found: list[StoredDeadLetter] = []
    for start in range(0, len(dead_letter_ids), _KEYS_A_QUERY):
        some = dead_letter_ids[start : start + _KEYS_A_QUERY]
        query = _filtered(scope, DeadLetterFilter(state="")).where(dead_letters.c.dead_letter_id.in_(some))
        found += [_stored(row) for row in connection.execute(query.order_by(dead_letters.c.dead_letter_id)).mappings()]
    return found


def resolve(
    connection: Connection,
    left: Collection[StoredDeadLetter],
    state: DeadLetterState,
    by: str,
    now_ms: int,
    *,
    note: str = "",
    retried_as: str = "",
) -> None:
    """Store how dead letters were resolved; the queue's failed items are then cleaned up."""
    ids = [each.dead_letter_id for each in left]
    values = {"state": state.value, "resolved_by": by, "resolved_at_ms": now_ms, "note": note, "retried_as": retried_as}
    for start in range(0, len(ids), _KEYS_A_QUERY):
        where = dead_letters.c.dead_letter_id.in_(ids[start : start + _KEYS_A_QUERY])
        connection.execute(update(dead_letters).where(where).values(**values, cleanup_pending=dead_letters.c.dead))


def pending_cleanup(connection: Connection, count: int) -> list[tuple[str, str, str, str]]:
    """Read resolved dead letters whose item the queue still has: id, tenant, project and work key."""
    columns = (dead_letters.c.dead_letter_id, dead_letters.c.tenant, dead_letters.c.project, dead_letters.c.work_key)
    query = (
        select(*columns)
        .where(dead_letters.c.cleanup_pending.is_(True))
        .order_by(dead_letters.c.tenant, dead_letters.c.project)
        .limit(count)
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def clean_up(connection: Connection, run: Run, work: EndedWork, now_ms: int) -> None:
    """Note that a failed item is to be deleted that is no dead letter, because its run failed as a whole or had ended before."""
    known = connection.execute(select(dead_letters.c.dead).where(dead_letters.c.work_key == work.work_key)).scalar()
    if known is None:
        wanted = WantedWork(work.work_key, work.step, "", coordinator_pb2.WorkTask())
        keep(connection, run, [DeadLetter(wanted, work.reason, work.message, dead=False)], now_ms)
    if not known:
        where = (dead_letters.c.work_key == work.work_key, dead_letters.c.dead.is_(False))
        state = DeadLetterState.DISCARDED.value if known is None else dead_letters.c.state
        connection.execute(update(dead_letters).where(*where).values(cleanup_pending=True, state=state))


def cleaned_up(connection: Connection, dead_letter_ids: Sequence[str]) -> None:
    """Note that the queue has deleted the failed items."""
    connection.execute(update(dead_letters).where(dead_letters.c.dead_letter_id.in_(dead_letter_ids)).values(cleanup_pending=False))


def delete_old(connection: Connection, before_ms: int) -> None:
    """Delete rows from before a time, except dead letters that are not resolved."""
    where = (
        dead_letters.c.state != DeadLetterState.DEAD.value,
        dead_letters.c.cleanup_pending.is_(False),
        dead_letters.c.at_ms < before_ms,
    )
    connection.execute(delete(dead_letters).where(*where, dead_letters.c.resolved_at_ms < before_ms))


def _filtered(scope: Scope, asked: DeadLetterFilter) -> "Select[tuple[object, ...]]":
    query = select(dead_letters).where(
        dead_letters.c.tenant == scope.tenant, dead_letters.c.project == scope.project, dead_letters.c.dead.is_(True)
    )
    columns = (
        (dead_letters.c.run_id, asked.run_id),
        (dead_letters.c.source_id, asked.source_id),
        (dead_letters.c.kind, asked.kind),
        (dead_letters.c.reason, asked.reason),
        (dead_letters.c.state, asked.state),
    )
    for column, value in columns:
        if value:
            query = query.where(column == value)
    return query


def _stored(row: RowMapping) -> StoredDeadLetter:
    return StoredDeadLetter(
        row["dead_letter_id"],
        row["run_id"],
        bodies.decode(row["body"], DeadLetter),
        DeadLetterState(row["state"]),
        row["at_ms"],
        row["resolved_by"],
        row["resolved_at_ms"],
        row["note"],
        row["retried_as"],
    )
