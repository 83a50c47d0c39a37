"""Runs, their open work and their ledger events in the database. ``keep`` stores a whole transition, in its caller's transaction."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from chartly.orchestrator.domain.ledger_events import RunEvent
from chartly.orchestrator.domain.run import Run, Transition
from chartly.orchestrator.domain.work import DeadLetter, WantedWork
from chartly.platform import outbox as ledger_outbox
from chartly.platform.identity.scope import Scope
from chartly.platform.outbox import Event

from . import body as bodies
from . import dead_letters
from .tables import cursor, outbox, runs, work

_ONE = 1


def create(connection: Connection, transition: Transition) -> None:
    """Store a new run, with its work and its ledger events."""
    run = transition.run
    connection.execute(
        insert(runs).values(
            run_id=run.run_id,
            tenant=run.tenant,
            project=run.project,
            workflow_id=run.workflow_id,
            open=not run.state.ended,
            cancelling=False,
            created_at_ms=run.created_at_ms,
            body=bodies.encode(run),
        )
    )
    _follow(connection, transition)


def keep(connection: Connection, transition: Transition) -> None:
    """Store a run's next state, with its work and its ledger events."""
    run = transition.run
    values: dict[str, Any] = {"body": bodies.encode(run), "open": not run.state.ended}
    if transition.cancel:
        values["cancelling"] = True
    connection.execute(update(runs).where(runs.c.run_id == run.run_id).values(values))
    _follow(connection, transition)


def get(connection: Connection, run_id: str, scope: Scope | None = None) -> Run | None:
    """Read one run; with a scope only if it is that project's."""
    query = select(runs.c.body).where(runs.c.run_id == run_id)
    if scope is not None:
        query = query.where(runs.c.tenant == scope.tenant, runs.c.project == scope.project)
    body = connection.execute(query).scalar()
    return _run(body) if body else None


def page(connection: Connection, scope: Scope, workflow_id: str, before: str, count: int) -> list[Run]:
    """Read a project's runs, newest first, those started before ``before`` when it is given."""
    query = select(runs.c.body).where(runs.c.tenant == scope.tenant, runs.c.project == scope.project)
    if workflow_id:
        query = query.where(runs.c.workflow_id == workflow_id)
    if before:
        query = query.where(runs.c.run_id < before)
    return [_run(body) for body in connection.execute(query.order_by(runs.c.run_id.desc()).limit(count)).scalars()]


def open_runs(connection: Connection) -> list[Run]:
    """Read every run that hasn't ended, oldest first."""
    query = select(runs.c.body).where(runs.c.open.is_(True)).order_by(runs.c.run_id)
    return [_run(body) for body in connection.execute(query).scalars()]


def started_before(connection: Connection, at_ms: int) -> list[str]:
    """Return the ids of open runs that were started before a time."""
    query = select(runs.c.run_id).where(runs.c.open.is_(True), runs.c.created_at_ms < at_ms)
    return list(connection.execute(query).scalars())


def cancelling(connection: Connection) -> list[Run]:
    """Read the runs whose work the queue has not cancelled yet."""
    return [_run(body) for body in connection.execute(select(runs.c.body).where(runs.c.cancelling.is_(True))).scalars()]


def cancelled(connection: Connection, run_id: str) -> None:
    """Note that the queue has cancelled a run's work."""
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(cancelling=False))


def count_open(connection: Connection, tenant: str) -> int:
    """Count a tenant's runs that haven't ended."""
    query = select(func.count()).select_from(runs).where(runs.c.open.is_(True), runs.c.tenant == tenant)
    return int(connection.execute(query).scalar_one())


def open_work(connection: Connection, run_id: str) -> list[WantedWork]:
    """Read the work of a run that has not ended."""
    query = select(work.c.body).where(work.c.run_id == run_id).order_by(work.c.work_key)
    return [bodies.decode(body, WantedWork) for body in connection.execute(query).scalars()]


def close_work(connection: Connection, work_key: str) -> WantedWork | None:
    """Delete open work and return it; None when it wasn't open, so that a repeated end counts nothing."""
    body = connection.execute(delete(work).where(work.c.work_key == work_key).returning(work.c.body)).scalar()
    return bodies.decode(body, WantedWork) if body else None


def position(connection: Connection) -> int:
    """Return the sequence of the last finished work that was counted."""
    return connection.execute(select(cursor.c.sequence)).scalar() or 0


def advance_to(connection: Connection, sequence: int) -> None:
    """Store the sequence of the last finished work that was counted; a smaller one changes nothing."""
    now = connection.execute(select(cursor.c.sequence)).scalar()
    if now is None:
        connection.execute(insert(cursor).values(one=_ONE, sequence=sequence))
    elif now < sequence:
        connection.execute(update(cursor).where(cursor.c.one == _ONE).values(sequence=sequence))


def _follow(connection: Connection, transition: Transition) -> None:
    run = transition.run
    _want(connection, run.run_id, transition.wanted)
    for event in transition.events:
        put_event(connection, run, event)
    if run.state.ended:
        left = [
            DeadLetter(wanted, run.reason, _left_why(run), dead=False) for wanted in (*open_work(connection, run.run_id), *transition.left)
        ]
        dead_letters.keep(connection, run, left, run.ended_at_ms)
        connection.execute(delete(work).where(work.c.run_id == run.run_id))


def _left_why(run: Run) -> str:
    return f"It was open when the run ended as {run.state.value}."


def put_event(connection: Connection, run: Run, event: RunEvent, principal: str = "") -> None:
    """Store an event for the ledger, in the transaction of what it describes; ``principal`` caused it, by default the run's."""
    stored = Event(
        key=event.key,
        type=event.type,
        subject=event.subject,
        run_id=run.run_id,
        principal=principal or run.principal,
        occurred_at=datetime.fromtimestamp(event.occurred_at_ms / 1000, UTC),
        details=event.details,
    )
    ledger_outbox.put(connection, outbox, run.tenant, run.project, [stored])


def _want(connection: Connection, run_id: str, wanted: Iterable[WantedWork]) -> None:
    rows = [{"work_key": each.work_key, "run_id": run_id, "body": bodies.encode(each)} for each in wanted]
    if rows:
        connection.execute(insert(work), rows)


def _run(body: str) -> Run:
    return bodies.decode(body, Run)
