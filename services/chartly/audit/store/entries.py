"""The durable index of the ledger: the position of each entry. An event is acknowledged only after it is stored here.

Only the log's single writer inserts. The unique key on {tenant, project, event_key} makes a repeated append return the first entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    and_,
    func,
    insert,
    or_,
    select,
)

from chartly.audit.entry import Entry
from chartly.ledger.checkpoint import Checkpoint
from chartly.platform.metadata import Metadata

_tables = MetaData()

entries = Table(
    "audit_entries",
    _tables,
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("tenant", String(63), nullable=False),
    Column("project", String(63), nullable=False),
    Column("event_key", String(200), nullable=False),
    Column("kind", String(128), nullable=False),
    Column("run_id", String(128), nullable=False),
    Column("data", LargeBinary, nullable=False),
    UniqueConstraint("tenant", "project", "event_key", name="audit_entries_once"),
    Index("audit_entries_by_project", "tenant", "project", "index"),
)

checkpoints = Table(
    "audit_checkpoints",
    _tables,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
)


# Rows have a method called index, like every sequence, so the column needs another name.
_POSITION = entries.c.index.label("position")


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry at its position."""

    index: int
    data: bytes


class EntryStore:
    """Reads and appends entries. Only the log's writer appends."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    async def append(self, batch: Sequence[Entry]) -> list[int]:
        """Store each entry with its index in one durable transaction, and return the indexes. A known event keeps its index."""
        return await self._metadata.write(_append, batch)

    async def size(self) -> int:
        """Return the number of entries."""
        return await self._metadata.read(_size)

    def read(self, start: int, count: int) -> list[StoredEntry]:
        """Read up to ``count`` entries from index ``start``; blocking."""
        with self._metadata.reading() as connection:
            query = select(_POSITION, entries.c.data).where(entries.c.index >= start)
            return [StoredEntry(row.position, row.data) for row in connection.execute(query.order_by(entries.c.index).limit(count))]

    async def page(
        self,
        tenant: str,
        project: str,
        *,
        after: int | None,
        count: int,
        newest_first: bool = False,
        run_id: str = "",
        kind: str = "",
    ) -> list[StoredEntry]:
        """Return a project's entries behind the index ``after`` in the order, from its beginning if that is None."""

        def select_page(connection: Connection) -> list[StoredEntry]:
            query = select(_POSITION, entries.c.data).where(entries.c.tenant == tenant, entries.c.project == project)
            if after is not None:
                query = query.where(entries.c.index < after if newest_first else entries.c.index > after)
            if run_id:
                query = query.where(entries.c.run_id == run_id)
            if kind:
                query = query.where(entries.c.kind == kind)
            order = entries.c.index.desc() if newest_first else entries.c.index
            return [StoredEntry(row.position, row.data) for row in connection.execute(query.order_by(order).limit(count))]

        return await self._metadata.read(select_page)

    async def projects(self, after: tuple[str, str], count: int) -> list[tuple[str, str]]:
        """Read up to ``count`` projects behind ``after``, by tenant and project; one seek of the index each."""

        def seek(connection: Connection) -> list[tuple[str, str]]:
            found: list[tuple[str, str]] = []
            last = after
            while len(found) < count:
                tenant, project = last
                behind = or_(entries.c.tenant > tenant, and_(entries.c.tenant == tenant, entries.c.project > project))
                query = select(entries.c.tenant, entries.c.project).where(behind)
                row = connection.execute(query.order_by(entries.c.tenant, entries.c.project).limit(1)).first()
                if row is None:
                    break
                last = (row.tenant, row.project)
                found.append(last)
            return found

        return await self._metadata.read(seek)

    async def remember(self, signed: Checkpoint) -> None:
        """Store a signed checkpoint, so that a later check detects a log that was rolled back or rewritten."""

        def write(connection: Connection) -> None:
            known = connection.execute(select(checkpoints.c.size).where(checkpoints.c.size == signed.size)).first()
            if known is None:
                connection.execute(insert(checkpoints).values(size=signed.size, root=signed.root))

        await self._metadata.write(write)

    def remembered(self, origin: str, count: int) -> list[Checkpoint]:
        """Read the last ``count`` signed checkpoints; blocking."""
        with self._metadata.reading() as connection:
            query = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(count)
            return [Checkpoint(origin, row.size, row.root) for row in connection.execute(query)]


def _size(connection: Connection) -> int:
    last = connection.execute(select(func.max(entries.c.index))).scalar()
    return 0 if last is None else int(last) + 1


def _append(connection: Connection, batch: Sequence[Entry]) -> list[int]:
    size, indexes = _size(connection), list[int]()
    for entry in batch:
        where = (entries.c.tenant == entry.tenant, entries.c.project == entry.project, entries.c.event_key == entry.event_key)
        known = connection.execute(select(entries.c.index).where(*where)).scalar()
        if known is not None:
            indexes.append(int(known))
            continue
        connection.execute(
            insert(entries).values(
                index=size,
                tenant=entry.tenant,
                project=entry.project,
                event_key=entry.event_key,
                kind=entry.kind,
                run_id=entry.run_id,
                data=entry.data,
            )
        )
        indexes.append(size)
        size += 1
    return indexes
