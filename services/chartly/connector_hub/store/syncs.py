"""The cursor of each run's sync of a source, and the pages of each of its calls.

A page and the cursor behind it are written in one transaction, after the page's bytes are durable. After a crash in between, the page is
fetched once more, and its bytes are stored already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from chartly.connector_hub.domain.pages import Cursor
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries

from .tables import pages, sources, syncs


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page that is durable in the raw plane."""

    page: int
    sequence: int
    raw: bytes
    """A serialized chartly.v1.RawRef."""


@dataclass(frozen=True, slots=True)
class SourceCursor:
    """The cursor of the sync that was opened last for a source."""

    run_id: str
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class SyncKey:
    """The sync of one source within one run."""

    project: str
    run_id: str
    source_id: str
    position_key: str
    """``Connector.position_key``."""


class SyncStore:
    """The syncs of one source within one run, by project."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    async def open(self, key: SyncKey, asked_by: str, begin: Cursor, pages_max: int) -> Cursor:
        """Return the sync's cursor, and note its run as the source's last one.

        A new sync begins where one that ended at its bound has stopped, or at ``begin``. Each run that asks, such as the retry of
        another run, may fetch ``pages_max`` pages.
        """

        def read(connection: Connection) -> Cursor:
            source = connection.execute(select(sources).where(*_source(key))).first()
            if source is not None and source.last_run_id != key.run_id:
                connection.execute(update(sources).where(*_source(key)).values(last_run_id=key.run_id))
            row = connection.execute(select(syncs).where(*_sync(key))).first()
            if row is None:
                stopped: str | None = source.continue_position if source is not None and source.continue_key == key.position_key else None
                position = begin.position if stopped is None else stopped
                cursor = Cursor(position, begin.pages, begin.finished, begin.pages + pages_max)
                place = {"project": key.project, "run_id": key.run_id, "source_id": key.source_id}
                connection.execute(insert(syncs).values(**place, **_values(cursor), asked_by=asked_by))
                return cursor
            cursor = Cursor(row.position, row.pages, row.finished, row.ends_at)
            if row.asked_by != asked_by:
                cursor = replace(cursor, ends_at=row.pages + pages_max)
                connection.execute(update(syncs).where(*_sync(key)).values(asked_by=asked_by, ends_at=cursor.ends_at))
            return cursor

        return await write_with_retries(self._metadata, read)

    async def newest(self, project: str, source_ids: Sequence[str]) -> dict[str, SourceCursor]:
        """Return the cursor of each source's newest sync, by source id; a source that was never synced has none."""

        def read(connection: Connection) -> dict[str, SourceCursor]:
            same_sync = and_(
                syncs.c.project == sources.c.project, syncs.c.source_id == sources.c.source_id, syncs.c.run_id == sources.c.last_run_id
            )
            query = select(syncs).join(sources, same_sync).where(sources.c.project == project, sources.c.source_id.in_(source_ids))
            return {
                row.source_id: SourceCursor(row.run_id, Cursor(row.position, row.pages, row.finished)) for row in connection.execute(query)
            }

        return await self._metadata.read(read)

    async def pages(self, key: SyncKey, sequence: int) -> list[StoredPage]:
        """Return the pages of one call, in their order."""

        def read(connection: Connection) -> list[StoredPage]:
            mine = (pages.c.project == key.project, pages.c.run_id == key.run_id, pages.c.source_id == key.source_id)
            query = select(pages).where(*mine, pages.c.sequence == sequence).order_by(pages.c.page)
            return [StoredPage(row.page, row.sequence, row.raw) for row in connection.execute(query)]

        return await self._metadata.read(read)

    async def record(self, key: SyncKey, page: StoredPage, after: Cursor) -> bool:
        """Insert a durable page and move the cursor behind it, in one transaction.

        Returns False, and changes nothing, if another process has moved the cursor behind this page already.
        """

        def write(connection: Connection) -> bool:
            if not _move(connection, key, page.page, after):
                return False
            place = {"project": key.project, "run_id": key.run_id, "source_id": key.source_id}
            connection.execute(insert(pages).values(**place, page=page.page, sequence=page.sequence, raw=page.raw))
            return True

        return await write_with_retries(self._metadata, write)

    async def finish(self, key: SyncKey, before: Cursor) -> None:
        """Finish a sync without another page: the source has answered that there is none."""
        await write_with_retries(self._metadata, lambda connection: _move(connection, key, before.pages, replace(before, finished=True)))


def _move(connection: Connection, key: SyncKey, pages_before: int, after: Cursor) -> bool:
    """Move the cursor, unless it is elsewhere already. Where the sync ends, note where the next one begins."""
    if not connection.execute(update(syncs).where(*_sync(key), syncs.c.pages == pages_before).values(_values(after))).rowcount:
        return False
    if after.at_bound:
        begin = {"continue_position": after.position, "continue_key": key.position_key}
        connection.execute(update(sources).where(*_source(key)).values(begin))
    elif after.finished:
        connection.execute(update(sources).where(*_source(key)).values(continue_position=None))
    return True


def _values(cursor: Cursor) -> dict[str, str | int | bool]:
    return {"position": cursor.position, "pages": cursor.pages, "finished": cursor.finished, "ends_at": cursor.ends_at}


def _sync(key: SyncKey) -> tuple[ColumnElement[bool], ...]:
    return syncs.c.project == key.project, syncs.c.run_id == key.run_id, syncs.c.source_id == key.source_id


def _source(key: SyncKey) -> tuple[ColumnElement[bool], ...]:
    return sources.c.project == key.project, sources.c.source_id == key.source_id
