"""The inbox in the metadata database: pushes that are durable in the raw plane, until some time after their commit.

    landed ──take──▶ taken ──its chunk is committed──▶ committed ──retention──▶ forgotten
      ▲                │ its run ends otherwise
      ├────────────────┤
      │                └──too often──▶ held
      └──the source is resumed─────────┘

Each function runs within a transaction. A source's depth changes in the same transaction as its rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, delete, func, insert, select, update

from chartly.connector_hub.domain.inbox_bounds import Depth, InboxBounds
from chartly.connector_hub.domain.pages import Cursor
from chartly.platform.metadata import Metadata
from chartly.v1 import common_pb2

from .tables import inbox, inbox_cursor, inbox_depths, pages, sources, syncs

LANDED, TAKEN, COMMITTED, HELD = "landed", "taken", "committed", "held"
_ONE = 1


@dataclass(frozen=True, slots=True)
class Push:
    """One push."""

    project: str
    source_id: str
    key: str
    work_key: str
    sha256: str
    raw: bytes
    """A serialized chartly.v1.RawRef."""
    size_bytes: int
    records: int
    landed_at_ms: int
    state: str = LANDED
    run_id: str = ""
    counts: bytes = b""
    """A serialized chartly.v1.RecordCounts, once committed."""


@dataclass(frozen=True, slots=True)
class PageEnd:
    """How a run's work on one page of a sync ended."""

    project: str
    source_id: str
    run_id: str
    sequence: int
    place: int
    counts: common_pb2.RecordCounts | None
    """The outcome of its records; None when it was not committed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The pushes that one call of a sync took."""

    pages: list[common_pb2.RawRef]
    finished: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A source with pushes that no run has taken."""

    project: str
    source_id: str
    work_key: str
    """The newest push's."""
    landed_at_ms: int
    """When the oldest of them landed, or was put back."""


def find(connection: Connection, project: str, source_id: str, key: str) -> Push | None:
    """Return a push by its key, or None."""
    query = select(inbox).where(inbox.c.project == project, inbox.c.source_id == source_id, inbox.c.key == key)
    row = connection.execute(query).mappings().first()
    return _push(row) if row else None


def depth(connection: Connection, project: str, source_id: str) -> Depth:
    """Return the depth of the inbox: of the installation, the project's tenant and the source."""
    tenant, mine = project.partition("/")[0], and_(inbox_depths.c.project == project, inbox_depths.c.source_id == source_id)
    of_tenant = inbox_depths.c.project.startswith(f"{tenant}/", autoescape=True)

    def sums(where: ColumnElement[bool]) -> tuple[ColumnElement[int], ColumnElement[int]]:
        items, size = (func.sum(case((where, column), else_=0)) for column in (inbox_depths.c.pushes, inbox_depths.c.size_bytes))
        return func.coalesce(items, 0), func.coalesce(size, 0)

    every = inbox_depths.c.project.is_not(None)
    row = connection.execute(select(*sums(every), *sums(of_tenant), *sums(mine))).one()
    return Depth(*(int(number) for number in row))


def land(connection: Connection, metadata: Metadata, push: Push, bounds: InboxBounds) -> tuple[Push, bool]:
    """Insert a push whose bytes are durable; return it, or the push that has its key, and whether it is new.

    Raises:
        InboxFull: the push would exceed a bound.
    """
    known = find(connection, push.project, push.source_id, push.key)
    if known is not None:
        return known, False
    depth(connection, push.project, push.source_id).check(push.size_bytes, bounds)
    row = {name: getattr(push, name) for name in push.__dataclass_fields__}
    connection.execute(insert(inbox).values(row | {"sequence": 0, "place": 0, "attempts": 0, "changed_at_ms": push.landed_at_ms}))
    _deepen(connection, metadata, push.project, push.source_id, 1, push.size_bytes)
    landed_at = datetime.fromtimestamp(push.landed_at_ms / 1000, UTC)
    facts = {"bytes_ingested": sources.c.bytes_ingested + push.size_bytes, "last_page_at": landed_at, "last_reason": ""}
    where = (sources.c.project == push.project, sources.c.source_id == push.source_id)
    connection.execute(update(sources).where(*where).values(facts))
    return push, True


def take(
    connection: Connection, project: str, source_id: str, run_id: str, sequence: int, count: int, run_pages_max: int, now_ms: int
) -> Taken:
    """Return the pages of one call of a run's sync: those that it took before, or the oldest pushes that landed."""
    sync = (syncs.c.project == project, syncs.c.run_id == run_id, syncs.c.source_id == source_id)
    row = connection.execute(select(syncs).where(*sync)).first()
    cursor = Cursor("", row.pages, row.finished) if row else Cursor()
    mine = (pages.c.project == project, pages.c.run_id == run_id, pages.c.source_id == source_id, pages.c.sequence == sequence)
    given = [common_pb2.RawRef.FromString(page.raw) for page in connection.execute(select(pages).where(*mine).order_by(pages.c.page))]
    if given or cursor.finished:
        return Taken(given, cursor.finished)
    untaken = (inbox.c.project == project, inbox.c.source_id == source_id, inbox.c.state == LANDED)
    query = select(inbox.c.position, inbox.c.raw).where(*untaken).order_by(inbox.c.position)
    # One row more than needed shows whether the source has more.
    most = max(0, min(count, run_pages_max - cursor.pages))
    found = list(connection.execute(query.limit(most + 1)))
    for place, item in enumerate(found[:most]):
        values = {"state": TAKEN, "run_id": run_id, "sequence": sequence, "place": place, "changed_at_ms": now_ms}
        connection.execute(update(inbox).where(inbox.c.position == item.position).values(values))
        page = {"project": project, "run_id": run_id, "source_id": source_id, "page": cursor.pages + place, "sequence": sequence}
        connection.execute(insert(pages).values(**page, raw=item.raw))
    reached = cursor.pages + len(found[:most])
    finished = len(found) <= most or reached >= run_pages_max
    after = {"pages": reached, "position": "", "finished": finished}
    if row:
        connection.execute(update(syncs).where(*sync).values(after))
    else:
        connection.execute(insert(syncs).values(project=project, run_id=run_id, source_id=source_id, **after))
    return Taken([common_pb2.RawRef.FromString(item.raw) for item in found[:most]], finished)


def ended(connection: Connection, metadata: Metadata, ends: Iterable[PageEnd], attempts_max: int, now_ms: int) -> list[str]:
    """Apply how work on pages ended, and return the work keys that changed. An end of an earlier run's take changes nothing."""
    changed: list[str] = []
    for end in ends:
        where = (inbox.c.run_id == end.run_id, inbox.c.source_id == end.source_id, inbox.c.sequence == end.sequence)
        query = select(inbox).where(*where, inbox.c.place == end.place, inbox.c.project == end.project)
        row = connection.execute(query.where(inbox.c.state.in_((TAKEN, COMMITTED)))).mappings().first()
        if row is None:
            continue
        if end.counts is None:
            _release(connection, metadata, row, attempts_max, now_ms)
        else:
            _commit(connection, metadata, row, end.counts, now_ms)
        changed.append(row["work_key"])
    return changed


def runs_taken_before(connection: Connection, at_ms: int, count: int) -> list[tuple[str, str]]:
    """Return project and run of pushes that were taken before a time and have no end yet."""
    query = select(inbox.c.project, inbox.c.run_id).where(inbox.c.state == TAKEN, inbox.c.changed_at_ms <= at_ms)
    return [(row.project, row.run_id) for row in connection.execute(query.distinct().limit(count))]


def release_run(connection: Connection, metadata: Metadata, project: str, run_id: str, attempts_max: int, now_ms: int) -> int:
    """Put back the pushes that a run has taken and will not commit; return how many."""
    query = select(inbox).where(inbox.c.run_id == run_id, inbox.c.project == project, inbox.c.state == TAKEN)
    rows = list(connection.execute(query).mappings())
    for row in rows:
        _release(connection, metadata, row, attempts_max, now_ms)
    return len(rows)


def resume(connection: Connection, project: str, source_id: str, now_ms: int) -> None:
    """Release held pushes, so that runs take them."""
    where = (inbox.c.project == project, inbox.c.source_id == source_id, inbox.c.state == HELD)
    connection.execute(update(inbox).where(*where).values(state=LANDED, attempts=0, changed_at_ms=now_ms))


def waiting(connection: Connection, count: int) -> list[Waiting]:
    """Return the sources with untaken pushes, each with its newest push; the longest waiting first."""
    newest = select(func.max(inbox.c.position).label("newest"), func.min(inbox.c.changed_at_ms).label("since"))
    newest = newest.where(inbox.c.state == LANDED).group_by(inbox.c.project, inbox.c.source_id).subquery()
    query = select(inbox.c.project, inbox.c.source_id, inbox.c.work_key, newest.c.since).join(newest, inbox.c.position == newest.c.newest)
    rows = connection.execute(query.order_by(newest.c.since).limit(count))
    return [Waiting(row.project, row.source_id, row.work_key, row.since) for row in rows]


def states(connection: Connection, project: str, source_ids: Iterable[str]) -> dict[str, dict[str, tuple[int, int]]]:
    """Return the number and bytes of uncommitted pushes, by source and state."""
    query = select(inbox.c.source_id, inbox.c.state, func.count(), func.sum(inbox.c.size_bytes))
    query = query.where(inbox.c.state.in_((LANDED, TAKEN, HELD)), inbox.c.project == project, inbox.c.source_id.in_(list(source_ids)))
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for source_id, state, items, size in connection.execute(query.group_by(inbox.c.source_id, inbox.c.state)):
        found.setdefault(source_id, {})[state] = (int(items), int(size))
    return found


def forget(connection: Connection, before_ms: int, count: int) -> int:
    """Delete pushes that were committed before a time; return how many."""
    old = select(inbox.c.position).where(inbox.c.state == COMMITTED, inbox.c.changed_at_ms < before_ms).limit(count)
    return connection.execute(delete(inbox).where(inbox.c.position.in_(old.scalar_subquery()))).rowcount


def finished_work_cursor(connection: Connection) -> int:
    """Return the sequence of the last finished work that was applied."""
    return connection.execute(select(inbox_cursor.c.finished)).scalar() or 0


def advance_finished_work_cursor(connection: Connection, finished: int) -> None:
    """Store the sequence of the last finished work that was applied; it never decreases."""
    if not connection.execute(update(inbox_cursor).where(inbox_cursor.c.one == _ONE).values(finished=_later(finished))).rowcount:
        connection.execute(insert(inbox_cursor).values(one=_ONE, finished=finished))


def _later(finished: int) -> ColumnElement[int]:
    return case((inbox_cursor.c.finished < finished, finished), else_=inbox_cursor.c.finished)


def _commit(connection: Connection, metadata: Metadata, row: RowMapping, counts: common_pb2.RecordCounts, now_ms: int) -> None:
    total = common_pb2.RecordCounts.FromString(row["counts"])
    for field in counts.DESCRIPTOR.fields:
        # A page that several steps of a run normalize has an outcome in each step; the client gets their sum.
        setattr(total, field.name, getattr(total, field.name) + getattr(counts, field.name))
    values = {"state": COMMITTED, "counts": total.SerializeToString(), "changed_at_ms": now_ms}
    connection.execute(update(inbox).where(inbox.c.position == row["position"]).values(values))
    if row["state"] == TAKEN:
        _deepen(connection, metadata, row["project"], row["source_id"], -1, -row["size_bytes"])


def _release(connection: Connection, metadata: Metadata, row: RowMapping, attempts_max: int, now_ms: int) -> None:
    attempts = row["attempts"] + 1
    state = HELD if attempts >= attempts_max else LANDED
    values = {"state": state, "attempts": attempts, "run_id": "", "counts": b"", "changed_at_ms": now_ms}
    connection.execute(update(inbox).where(inbox.c.position == row["position"]).values(values))
    if row["state"] == COMMITTED:
        _deepen(connection, metadata, row["project"], row["source_id"], 1, row["size_bytes"])


def _deepen(connection: Connection, metadata: Metadata, project: str, source_id: str, items: int, size_bytes: int) -> None:
    key = {"project": project, "source_id": source_id}
    connection.execute(metadata.insert(inbox_depths).values(**key, pushes=0, size_bytes=0).on_conflict_do_nothing())
    more = {"pushes": inbox_depths.c.pushes + items, "size_bytes": inbox_depths.c.size_bytes + size_bytes}
    where = (inbox_depths.c.project == project, inbox_depths.c.source_id == source_id)
    connection.execute(update(inbox_depths).where(*where).values(more))


def _push(row: RowMapping) -> Push:
    facts: dict[str, Any] = {name: row[name] for name in Push.__dataclass_fields__}
    return Push(**facts)
