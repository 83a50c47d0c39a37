"""Work that runs left undone, in the database. Every function takes a connection within a transaction that its caller opened."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from chartly.orchestrator.domain.retry import DeadLetterState
from chartly.orchestrator.domain.run import DeadLetter, EndedWork, Run, WantedWork
from chartly.platform.identifiers import new_id
from chartly.platform.identity.scope import Scope

from .tables import unfinished

# SQLite takes at most 32,766 variables a statement; this stays far below.
_KEYS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class StoredDeadLetter:
    """A piece of unfinished work, and what became of it."""

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
    """Which dead letters; what is empty filters nothing."""

    run_id: str = ""
    source_id: str = ""
    kind: str = ""
    reason: str = ""
    state: str = DeadLetterState.DEAD.value


def keep(connection: Connection, run: Run, left: Iterable[DeadLetter], now_ms: int) -> None:
    """Store what a run leaves undone."""
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
            "state": (DeadLetterState.DEAD if each.dead else DeadLetterState.LEFT).value,
            "at_ms": now_ms,
            "body": msgspec.json.encode(each).decode(),
            "resolved_by": "",
            "resolved_at_ms": 0,
            "note": "",
            "retried_as": "",
            "untold": False,
        }
        for each in left
    ]
    if rows:
        connection.execute(insert(unfinished), rows)


def of_run(connection: Connection, run_id: str) -> list[StoredDeadLetter]:
    """Read what of a run may be retried, in the order in which it was given up."""
    states = (DeadLetterState.DEAD.value, DeadLetterState.LEFT.value)
    query = select(unfinished).where(unfinished.c.run_id == run_id, unfinished.c.state.in_(states))
    return [_left(row) for row in connection.execute(query.order_by(unfinished.c.dead_letter_id)).mappings()]


def page(connection: Connection, scope: Scope, asked: DeadLetterFilter, before: str, count: int) -> list[StoredDeadLetter]:
    """Read dead letters, newest first, those before ``before`` when it is given."""
    query = _filtered(scope, asked)
    if before:
        query = query.where(unfinished.c.dead_letter_id < before)
    return [_left(row) for row in connection.execute(query.order_by(unfinished.c.dead_letter_id.desc()).limit(count)).mappings()]


def oldest(connection: Connection, scope: Scope, asked: DeadLetterFilter, count: int) -> list[StoredDeadLetter]:
    """Read the oldest dead letters that a filter admits."""
    query = _filtered(scope, asked).order_by(unfinished.c.dead_letter_id).limit(count)
    return [_left(row) for row in connection.execute(query).mappings()]


def by_ids(connection: Connection, scope: Scope, dead_letter_ids: Sequence[str]) -> list[StoredDeadLetter]:
    """Read dead letters by id; those that the project hasn't are left out."""
    found: list[StoredDeadLetter] = []
    for start in range(0, len(dead_letter_ids), _KEYS_A_QUERY):
        some = dead_letter_ids[start : start + _KEYS_A_QUERY]
        query = _filtered(scope, DeadLetterFilter(state="")).where(unfinished.c.dead_letter_id.in_(some))
        found += [_left(row) for row in connection.execute(query.order_by(unfinished.c.dead_letter_id)).mappings()]
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
    """Note what became of unfinished work; the queue is to be told of dead letters."""
    ids = [each.dead_letter_id for each in left]
    values = {"state": state.value, "resolved_by": by, "resolved_at_ms": now_ms, "note": note, "retried_as": retried_as}
    for start in range(0, len(ids), _KEYS_A_QUERY):
        where = unfinished.c.dead_letter_id.in_(ids[start : start + _KEYS_A_QUERY])
        connection.execute(update(unfinished).where(where).values(**values, untold=unfinished.c.dead))


def untold(connection: Connection, count: int) -> list[tuple[str, str, str, str]]:
    """Read resolved dead letters of which the queue isn't told: id, tenant, project and work key."""
    columns = (unfinished.c.dead_letter_id, unfinished.c.tenant, unfinished.c.project, unfinished.c.work_key)
    query = select(*columns).where(unfinished.c.untold.is_(True)).order_by(unfinished.c.tenant, unfinished.c.project).limit(count)
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def let_go(connection: Connection, run: Run, work: EndedWork, now_ms: int) -> None:
    """Note that the queue is to forget a failed item that is no dead letter: its run failed as a whole, or had ended before."""
    known = connection.execute(select(unfinished.c.dead).where(unfinished.c.work_key == work.work_key)).scalar()
    if known is None:
        wanted = WantedWork(work.work_key, work.kind, work.step, "", {})
        keep(connection, run, [DeadLetter(wanted, work.reason, work.message, dead=False)], now_ms)
    if not known:
        where = (unfinished.c.work_key == work.work_key, unfinished.c.dead.is_(False))
        state = DeadLetterState.DISCARDED.value if known is None else unfinished.c.state
        connection.execute(update(unfinished).where(*where).values(untold=True, state=state))


def told(connection: Connection, dead_letter_ids: Sequence[str]) -> None:
    """Note that the queue was told."""
    connection.execute(update(unfinished).where(unfinished.c.dead_letter_id.in_(dead_letter_ids)).values(untold=False))


def forget(connection: Connection, before_ms: int) -> None:
    """Forget work that nobody waits for: resolved, or left by a run that ended before a time. Dead letters stay until they are resolved."""
    where = (unfinished.c.state != DeadLetterState.DEAD.value, unfinished.c.untold.is_(False), unfinished.c.at_ms < before_ms)
    connection.execute(delete(unfinished).where(*where, unfinished.c.resolved_at_ms < before_ms))


def _filtered(scope: Scope, asked: DeadLetterFilter) -> "Select[tuple[object, ...]]":
    query = select(unfinished).where(
        unfinished.c.tenant == scope.tenant, unfinished.c.project == scope.project, unfinished.c.dead.is_(True)
    )
    columns = (
        (unfinished.c.run_id, asked.run_id),
        (unfinished.c.source_id, asked.source_id),
        (unfinished.c.kind, asked.kind),
        (unfinished.c.reason, asked.reason),
        (unfinished.c.state, asked.state),
    )
    for column, value in columns:
        if value:
            query = query.where(column == value)
    return query


def _left(row: RowMapping) -> StoredDeadLetter:
    return StoredDeadLetter(
        row["dead_letter_id"],
        row["run_id"],
        msgspec.json.decode(row["body"], type=DeadLetter),
        DeadLetterState(row["state"]),
        row["at_ms"],
        row["resolved_by"],
        row["resolved_at_ms"],
        row["note"],
        row["retried_as"],
    )
