"""Schedules, waiting runs and stored events in the database. Every function takes a connection within a transaction that its caller opened.

A workflow has at most one run waiting for events: while it waits, further events cost one read.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection, RowMapping, delete, func, insert, literal, select, tuple_, update

from chartly.orchestrator.domain.run import Trigger
from chartly.platform.identifiers import new_id
from chartly.profiles import Schedule

from .tables import events, firings, runs, schedules

EVENT_SLOT = "event"
# SQLite takes at most 32,766 variables a statement; this stays far below.
_KEYS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class StoredSchedule:
    """A workflow's schedule and its progress."""

    workflow_id: str
    tenant: str
    project: str
    workflow_name: str
    principal: str
    """The principal that created the workflow; its runs act on its behalf."""
    schedule: Schedule
    paused: bool
    anchor_ms: int
    last_ms: int
    next_ms: int


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run that waits to be started."""

    run_id: str
    workflow_id: str
    tenant: str
    project: str
    principal: str
    overlap: str
    slot: str
    trigger: Trigger


class TriggeredWorkflow(msgspec.Struct, frozen=True):
    """A workflow that listens to an event, and the run that takes the event."""

    workflow_id: str
    workflow_name: str
    run_id: str


def put(connection: Connection, stored: StoredSchedule) -> None:
    """Store the schedule of a new workflow."""
    schedule = stored.schedule
    connection.execute(
        insert(schedules).values(
            workflow_id=stored.workflow_id,
            tenant=stored.tenant,
            project=stored.project,
            workflow_name=stored.workflow_name,
            principal=stored.principal,
            event=schedule.event,
            subject=schedule.subject,
            overlap=schedule.overlap,
            paused=stored.paused,
            anchor_ms=stored.anchor_ms,
            last_ms=stored.last_ms,
            next_ms=stored.next_ms,
            body=msgspec.json.encode(schedule).decode(),
        )
    )


def remove(connection: Connection, workflow_id: str) -> None:
    """Delete a workflow's schedule and its waiting runs."""
    connection.execute(delete(firings).where(firings.c.workflow_id == workflow_id))
    connection.execute(delete(schedules).where(schedules.c.workflow_id == workflow_id))


def trigger_workflows(
    connection: Connection, tenant: str, project: str, trigger: Trigger, now_ms: int, *, but: str = ""
) -> list[TriggeredWorkflow]:
    """Store a waiting run for each workflow that listens to an event, unless it has one: that run takes this event too.

    Args:
        connection: within a write transaction.
        tenant: the tenant of the event.
        project: the project of the event.
        trigger: the event.
        now_ms: the time, from which run ids are made.
        but: the workflow to leave out, since its own run is the cause.
    """
    query = (
        select(schedules.c.workflow_id, schedules.c.workflow_name, firings.c.run_id)
        .outerjoin(firings, (firings.c.workflow_id == schedules.c.workflow_id) & (firings.c.slot == EVENT_SLOT))
        .where(schedules.c.tenant == tenant, schedules.c.project == project)
        .where(schedules.c.event == trigger.event, schedules.c.subject == trigger.subject, schedules.c.workflow_id != but)
        .order_by(schedules.c.workflow_name)
    )
    found = [TriggeredWorkflow(*row) for row in connection.execute(query)]
    return [each if each.run_id else _store_event_run(connection, each, trigger, now_ms) for each in found]


def _store_event_run(connection: Connection, triggered: TriggeredWorkflow, trigger: Trigger, now_ms: int) -> TriggeredWorkflow:
    run_id = _new_run_id(now_ms)
    row = {"run_id": run_id, "workflow_id": triggered.workflow_id, "slot": EVENT_SLOT, "fire_ms": trigger.at_ms}
    connection.execute(insert(firings).values(**row, body=msgspec.json.encode(trigger).decode()))
    return TriggeredWorkflow(triggered.workflow_id, triggered.workflow_name, run_id)


def stored_events(connection: Connection, keys: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], list[TriggeredWorkflow]]:
    """Return those of these events that were stored before, each with the workflows that it triggered."""
    wanted, found = list(keys), dict[tuple[str, str, str], list[TriggeredWorkflow]]()
    for start in range(0, len(wanted), _KEYS_A_QUERY):
        some = wanted[start : start + _KEYS_A_QUERY]
        query = select(events).where(tuple_(events.c.tenant, events.c.project, events.c.event_id).in_(some))
        for row in connection.execute(query).mappings():
            key = (row["tenant"], row["project"], row["event_id"])
            found[key] = msgspec.json.decode(row["body"], type=list[TriggeredWorkflow])
    return found


def store_events(connection: Connection, triggered: Sequence[tuple[tuple[str, str, str], list[TriggeredWorkflow]]], now_ms: int) -> None:
    """Store events with the workflows that they triggered."""
    rows = [
        {"tenant": key[0], "project": key[1], "event_id": key[2], "heard_at_ms": now_ms, "body": msgspec.json.encode(found).decode()}
        for key, found in triggered
    ]
    if rows:
        connection.execute(insert(events), rows)


def delete_events(connection: Connection, before_ms: int, most: int) -> None:
    """Delete events that were stored before a time, and of the others so many of the oldest that at most ``most`` are left.

    Events of the same millisecond stay or go together.
    """
    newest_first = select(events.c.heard_at_ms).order_by(events.c.heard_at_ms.desc())
    oldest_kept_ms = connection.execute(newest_first.offset(most).limit(1)).scalar()
    bound_ms = before_ms if oldest_kept_ms is None else max(before_ms, oldest_kept_ms + 1)
    connection.execute(delete(events).where(events.c.heard_at_ms < bound_ms))


def startable(connection: Connection, count: int, but: Collection[str] = ()) -> list[WaitingRun]:
    """Read the oldest waiting run of each workflow that isn't paused and has no open run, or whose new runs cancel the open one."""
    is_open = select(literal(1)).where(runs.c.workflow_id == firings.c.workflow_id, runs.c.open.is_(True)).exists()
    query = (
        select(firings, schedules.c.tenant, schedules.c.project, schedules.c.principal, schedules.c.overlap)
        .join(schedules, schedules.c.workflow_id == firings.c.workflow_id)
        .where(schedules.c.paused.is_(False), (schedules.c.overlap == "cancel_running") | ~is_open)
        .order_by(firings.c.fire_ms, firings.c.run_id)
        .limit(count + len(but))
    )
    first = dict[str, WaitingRun]()
    for row in connection.execute(query).mappings():
        if row["run_id"] not in but:
            first.setdefault(row["workflow_id"], _waiting(row))
    return list(first.values())


def claim(connection: Connection, waiting: WaitingRun) -> bool:
    """Delete a waiting run so that it can start. Return False when it waits no longer, or its workflow is paused or has an open run."""
    # The lock makes processes check one after the other whether a run is open.
    schedule = select(schedules.c.paused).where(schedules.c.workflow_id == waiting.workflow_id).with_for_update()
    if connection.execute(schedule).scalar() is not False:
        return False
    if open_run_ids(connection, waiting.workflow_id):
        return False
    return connection.execute(delete(firings).where(firings.c.run_id == waiting.run_id)).rowcount == 1


def open_run_ids(connection: Connection, workflow_id: str) -> list[str]:
    """Return the ids of a workflow's open runs."""
    query = select(runs.c.run_id).where(runs.c.workflow_id == workflow_id, runs.c.open.is_(True))
    return list(connection.execute(query).scalars())


def due(connection: Connection, now_ms: int, count: int) -> list[str]:
    """Return the workflows whose schedule is due, the most overdue first."""
    where = (schedules.c.paused.is_(False), schedules.c.next_ms > 0, schedules.c.next_ms <= now_ms)
    query = select(schedules.c.workflow_id).where(*where).order_by(schedules.c.next_ms).limit(count)
    return list(connection.execute(query).scalars())


def soonest(connection: Connection) -> int | None:
    """Return when the next schedule is due."""
    query = select(func.min(schedules.c.next_ms)).where(schedules.c.paused.is_(False), schedules.c.next_ms > 0)
    return connection.execute(query).scalar()


def locked(connection: Connection, workflow_id: str) -> StoredSchedule | None:
    """Read a schedule and lock its row until the transaction ends."""
    query = select(schedules).where(schedules.c.workflow_id == workflow_id).with_for_update()
    row = connection.execute(query).mappings().first()
    return _schedule(row) if row else None


def decided(connection: Connection, workflow_id: str, last_ms: int, next_ms: int) -> None:
    """Store up to which time a schedule was decided on."""
    connection.execute(update(schedules).where(schedules.c.workflow_id == workflow_id).values(last_ms=last_ms, next_ms=next_ms))


def ahead(connection: Connection, of_ms: int, count: int) -> list[str]:
    """Return the workflows whose schedule was decided on beyond a time."""
    where = (schedules.c.paused.is_(False), schedules.c.next_ms > 0, schedules.c.last_ms > of_ms)
    return list(connection.execute(select(schedules.c.workflow_id).where(*where).order_by(schedules.c.workflow_id).limit(count)).scalars())


def restart(connection: Connection, workflow_id: str, anchor_ms: int, now_ms: int, next_ms: int) -> None:
    """Restart a schedule at ``now_ms``, and delete runs that wait for later times: those times are yet to come."""
    later = (firings.c.workflow_id == workflow_id, firings.c.slot != EVENT_SLOT, firings.c.fire_ms > now_ms)
    connection.execute(delete(firings).where(*later))
    begun = {"anchor_ms": anchor_ms, "last_ms": now_ms, "next_ms": next_ms}
    connection.execute(update(schedules).where(schedules.c.workflow_id == workflow_id).values(begun))


def store_waiting_run(connection: Connection, workflow_id: str, fire_ms: int, now_ms: int) -> None:
    """Store the waiting run of a fire time; a fire time has at most one."""
    row = {"run_id": _new_run_id(now_ms), "workflow_id": workflow_id, "slot": f"time/{fire_ms}", "fire_ms": fire_ms}
    connection.execute(insert(firings).values(**row, body=msgspec.json.encode(Trigger("schedule", fire_ms)).decode()))


def delete_waiting_runs(connection: Connection, workflow_id: str) -> None:
    """Delete a workflow's waiting runs."""
    connection.execute(delete(firings).where(firings.c.workflow_id == workflow_id))


def of_workflows(connection: Connection, workflow_ids: Collection[str]) -> dict[str, StoredSchedule]:
    """Read schedules by workflow."""
    query = select(schedules).where(schedules.c.workflow_id.in_(list(workflow_ids)))
    return {row["workflow_id"]: _schedule(row) for row in connection.execute(query).mappings()}


def waiting_runs(connection: Connection, workflow_ids: Collection[str]) -> dict[str, int]:
    """Count the waiting runs by workflow."""
    query = select(firings.c.workflow_id, func.count()).where(firings.c.workflow_id.in_(list(workflow_ids)))
    return {row[0]: row[1] for row in connection.execute(query.group_by(firings.c.workflow_id))}


def pause(connection: Connection, workflow_id: str, *, paused: bool, last_ms: int, next_ms: int) -> None:
    """Pause or resume a schedule, and store its progress."""
    values = {"paused": paused, "last_ms": last_ms, "next_ms": next_ms}
    connection.execute(update(schedules).where(schedules.c.workflow_id == workflow_id).values(values))


def _new_run_id(now_ms: int) -> str:
    return new_id("run", datetime.fromtimestamp(now_ms / 1000, UTC))


def _schedule(row: RowMapping) -> StoredSchedule:
    return StoredSchedule(
        row["workflow_id"],
        row["tenant"],
        row["project"],
        row["workflow_name"],
        row["principal"],
        msgspec.json.decode(row["body"], type=Schedule),
        row["paused"],
        row["anchor_ms"],
        row["last_ms"],
        row["next_ms"],
    )


def _waiting(row: RowMapping) -> WaitingRun:
    return WaitingRun(
        row["run_id"],
        row["workflow_id"],
        row["tenant"],
        row["project"],
        row["principal"],
        row["overlap"],
        row["slot"],
        msgspec.json.decode(row["body"], type=Trigger),
    )
