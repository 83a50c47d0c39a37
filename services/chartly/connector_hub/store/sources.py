"""Sources in the metadata database: their profile, counters, circuit and pause."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from chartly.connector_hub.domain.breaker import Breaker
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries

from .tables import sources


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source of one project."""

    source_id: str
    connector_ref: str
    connector_hash: str
    paused: bool = False
    requests: int = 0
    retries: int = 0
    bytes_ingested: int = 0
    breaker: Breaker = field(default_factory=Breaker)
    last_page_at: datetime | None = None
    last_reason: str = ""
    last_run_id: str = ""
    """The run whose sync was opened last; empty before the first one. Only ``SyncStore.open`` sets it."""


class SourceStore:
    """Reads and changes sources of one project at a time."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    async def seen(self, project: str, source_id: str, ref: str, digest: str) -> SourceRow:
        """Note the profile that a source is used with, and return its row."""

        def touch(connection: Connection) -> SourceRow:
            row = _find(connection, project, source_id)
            if row is None:
                row = SourceRow(source_id, ref, digest)
                connection.execute(insert(sources).values(project=project, **_values(row)))
            elif row.connector_hash != digest or row.connector_ref != ref:
                row = replace(row, connector_ref=ref, connector_hash=digest)
                _store(connection, project, row)
            return row

        return await write_with_retries(self._metadata, touch)

    async def change(self, project: str, source_id: str, change: Callable[[SourceRow], SourceRow]) -> SourceRow | None:
        """Apply a pure change in one transaction; None when there is no such source."""

        def apply(connection: Connection) -> SourceRow | None:
            row = _find(connection, project, source_id)
            if row is not None:
                row = change(row)
                _store(connection, project, row)
            return row

        return await write_with_retries(self._metadata, apply)

    async def get(self, project: str, source_id: str) -> SourceRow | None:
        """Read one source."""
        return await self._metadata.read(_find, project, source_id)

    async def list(self, project: str, after: str, count: int) -> list[SourceRow]:
        """Read up to ``count`` sources with an id after ``after``, by id."""

        def page(connection: Connection) -> list[SourceRow]:
            query = select(sources).where(sources.c.project == project, sources.c.source_id > after)
            rows = connection.execute(query.order_by(sources.c.source_id).limit(count)).mappings()
            return [_row(dict(row)) for row in rows]

        return await self._metadata.read(page)


def _find(connection: Connection, project: str, source_id: str) -> SourceRow | None:
    query = select(sources).where(sources.c.project == project, sources.c.source_id == source_id)
    row = connection.execute(query).mappings().first()
    return _row(dict(row)) if row else None


def _store(connection: Connection, project: str, row: SourceRow) -> None:
    where = (sources.c.project == project, sources.c.source_id == row.source_id)
    connection.execute(update(sources).where(*where).values(**_values(row)))


def _values(row: SourceRow) -> dict[str, Any]:
    return {
        "source_id": row.source_id,
        "connector_ref": row.connector_ref,
        "connector_hash": row.connector_hash,
        "paused": row.paused,
        "requests": row.requests,
        "retries": row.retries,
        "bytes_ingested": row.bytes_ingested,
        "failures": row.breaker.failures,
        "open_until": row.breaker.open_until,
        "trial_until": row.breaker.trial_until,
        "last_page_at": row.last_page_at,
        "last_reason": row.last_reason,
    }


def _row(stored: dict[str, Any]) -> SourceRow:
    breaker = Breaker(stored.pop("failures"), _utc(stored.pop("open_until")), _utc(stored.pop("trial_until")))
    stored["last_page_at"] = _utc(stored["last_page_at"])
    for name in ("project", "continue_position", "continue_key"):
        del stored[name]
    return SourceRow(breaker=breaker, **stored)


def _utc(moment: datetime | None) -> datetime | None:
    """Return a time in UTC: SQLite drops the zone, and times are written in UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
