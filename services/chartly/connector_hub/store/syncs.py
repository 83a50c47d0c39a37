"""The cursor of each run's sync of a source, and the pages of each of its calls.

A page and the cursor behind it are written in one transaction, after the page's bytes are durable. After a crash in between, the page is
fetched once more, and its bytes are stored already.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, insert, select, update

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


class SyncStore:
    """The syncs of one source within one run, by project."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    async def open(self, project: str, run_id: str, source_id: str, begin: Cursor) -> Cursor:
        """Return the sync's cursor, and note its run as the source's last one; a new sync begins at ``begin``."""

        def read(connection: Connection) -> Cursor:
            source = (sources.c.project == project, sources.c.source_id == source_id, sources.c.last_run_id != run_id)
            connection.execute(update(sources).where(*source).values(last_run_id=run_id))
            where = (syncs.c.project == project, syncs.c.run_id == run_id, syncs.c.source_id == source_id)
            row = connection.execute(select(syncs).where(*where)).first()
            if row is not None:
                return Cursor(row.position, row.pages, row.finished)
            connection.execute(
                insert(syncs).values(
                    project=project,
                    run_id=run_id,
                    source_id=source_id,
                    position=begin.position,
                    pages=begin.pages,
                    finished=begin.finished,
                )
            )
            return begin

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

    async def pages(self, project: str, run_id: str, source_id: str, sequence: int) -> list[StoredPage]:
        """Return the pages of one call, in their order."""

        def read(connection: Connection) -> list[StoredPage]:
            query = (
                select(pages)
                .where(
                    pages.c.project == project,
                    pages.c.run_id == run_id,
                    pages.c.source_id == source_id,
                    pages.c.sequence == sequence,
                )
                .order_by(pages.c.page)
            )
            return [StoredPage(row.page, row.sequence, row.raw) for row in connection.execute(query)]

        return await self._metadata.read(read)

    async def record(self, project: str, run_id: str, source_id: str, page: StoredPage, after: Cursor) -> bool:
        """Insert a durable page and move the cursor behind it, in one transaction.

        Returns False, and changes nothing, if another process has moved the cursor behind this page already.
        """

        def write(connection: Connection) -> bool:
            where = (syncs.c.project == project, syncs.c.run_id == run_id, syncs.c.source_id == source_id, syncs.c.pages == page.page)
            moved = update(syncs).where(*where).values(position=after.position, pages=after.pages, finished=after.finished)
            if not connection.execute(moved).rowcount:
                return False
            connection.execute(
                insert(pages).values(
                    project=project,
                    run_id=run_id,
                    source_id=source_id,
                    page=page.page,
                    sequence=page.sequence,
                    raw=page.raw,
                )
            )
            return True

        return await write_with_retries(self._metadata, write)
