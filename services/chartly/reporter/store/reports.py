"""Reports by id within a project. A report never changes: the same request over the same versions has the same id."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, DateTime, Index, LargeBinary, MetaData, String, Table, insert, or_, select

from chartly.platform import outbox as ledger_outbox
from chartly.platform.config import Limits
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.platform.outbox import Event, outbox_table

_tables = MetaData()

reports = Table(
    "reporter_reports",
    _tables,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("report_id", String(64), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("report_hash", String(71), nullable=False),
    Column("result", LargeBinary, nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("reporter_reports_newest", "tenant", "project", "created_at"),
)

# Events of reports that wait for the ledger.
outbox = outbox_table("reporter_outbox", _tables)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report."""

    report_id: str
    title: str
    report_hash: str
    result: bytes
    """JSON."""
    manifest: bytes
    """JSON."""
    created_at: datetime


class ReportStore:
    """Reads and adds reports of one project at a time."""

    def __init__(self, metadata: Metadata, limits: Limits, notify_outbox: Callable[[], None]) -> None:
        self._metadata = metadata
        self._limits = limits
        self._notify_outbox = notify_outbox

    async def check_backlog(self) -> None:
        """Refuse a new report before it is made.

        Raises:
            LedgerBacklogFull: too many events wait for the ledger.
        """
        await self._metadata.read(ledger_outbox.admit, outbox, self._limits)

    async def get(self, scope: Scope, report_id: str) -> ReportRow | None:
        """Return one report; None when there is none."""
        return await self._metadata.read(_find, scope, report_id)

    async def add(self, scope: Scope, row: ReportRow, event: Event) -> ReportRow:
        """Add a report and its event for the ledger in one transaction, unless its id exists. Return the stored report."""

        def write(connection: Connection) -> ReportRow:
            known = _find(connection, scope, row.report_id)
            if known is None:
                values = {field: getattr(row, field) for field in ReportRow.__slots__}
                connection.execute(insert(reports).values(tenant=scope.tenant, project=scope.project, **values))
                ledger_outbox.put(connection, outbox, scope.tenant, scope.project, [event])
            return known or row

        stored = await write_with_retries(self._metadata, write)
        self._notify_outbox()
        return stored

    async def newest(self, scope: Scope, before: tuple[datetime, str] | None, count: int) -> list[ReportRow]:
        """Read up to ``count`` reports older than {created_at, report_id}, newest first."""

        def page(connection: Connection) -> list[ReportRow]:
            query = select(reports).where(reports.c.tenant == scope.tenant, reports.c.project == scope.project)
            if before is not None:
                moment, report_id = before
                older = reports.c.created_at < moment
                query = query.where(or_(older, (reports.c.created_at == moment) & (reports.c.report_id < report_id)))
            rows = connection.execute(query.order_by(reports.c.created_at.desc(), reports.c.report_id.desc()).limit(count)).mappings()
            return [_row(dict(row)) for row in rows]

        return await self._metadata.read(page)


def _find(connection: Connection, scope: Scope, report_id: str) -> ReportRow | None:
    where = (reports.c.tenant == scope.tenant, reports.c.project == scope.project, reports.c.report_id == report_id)
    row = connection.execute(select(reports).where(*where)).mappings().first()
    return _row(dict(row)) if row else None


def _row(stored: dict[str, Any]) -> ReportRow:
    del stored["tenant"], stored["project"]
    moment: datetime = stored.pop("created_at")
    # SQLite returns times without their zone; they were written in UTC.
    return ReportRow(created_at=moment if moment.tzinfo else moment.replace(tzinfo=UTC), **stored)
