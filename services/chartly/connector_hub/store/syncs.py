"""How far each run's sync of a source is, and the pages that each of its calls gave.

A page and the checkpoint behind it are written in one transaction, after the page's bytes are durable: whoever dies in between
fetches that page again, and finds its bytes stored.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from chartly.connector_hub.domain.pages import Checkpoint
from chartly.platform.metadata import Metadata

from .tables import pages, syncs


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page that is durable in the raw plane."""

    page: int
    sequence: int
    raw: bytes
    """A serialized chartly.v1.RawRef."""


class SyncStore:
    """The syncs of one source within one run, by project."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    async def open(self, project: str, run_id: str, source_id: str, begin: Checkpoint) -> Checkpoint:
        """Read the sync's checkpoint; a sync that is new begins at ``begin``."""

        def read(connection: Connection) -> Checkpoint:
            where = (syncs.c.project == project, syncs.c.run_id == run_id, syncs.c.source_id == source_id)
            row = connection.execute(select(syncs).where(*where)).first()
            if row is not None:
                return Checkpoint(row.position, row.pages, row.finished)
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

        return await self._metadata.write(read)

    async def pages(self, project: str, run_id: str, source_id: str, sequence: int) -> list[StoredPage]:
        """Read the pages that a call gave, in their order."""

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

    async def record(self, project: str, run_id: str, source_id: str, page: StoredPage, after: Checkpoint) -> None:
        """Note a durable page and move the checkpoint behind it, both or neither."""

        def write(connection: Connection) -> None:
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
            where = (syncs.c.project == project, syncs.c.run_id == run_id, syncs.c.source_id == source_id)
            connection.execute(update(syncs).where(*where).values(position=after.position, pages=after.pages, finished=after.finished))

        await self._metadata.write(write)
