"""Rows of reprocess jobs and of their staged chunks. Functions of a connection within a transaction; called on threads."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update

from chartly.storage.model import DatasetKey
from chartly.storage.stored_time import in_utc
from chartly.storage.tables import reprocesses, restaged

from .model import Reprocess, StagedChunk, decoded, encoded

_ROWS_A_STATEMENT = 1_000


def find(connection: Connection, tenant: str, project: str, reprocess_id: str) -> Reprocess | None:
    """Return a job; None if it does not exist."""
    body = connection.execute(select(reprocesses.c.body).where(*_is(reprocesses, tenant, project, reprocess_id))).scalar()
    return decoded(body) if body else None


def put(connection: Connection, reprocess: Reprocess, chunks: Iterable[StagedChunk]) -> None:
    """Insert a new job with its chunks."""
    key = reprocess.key
    connection.execute(
        insert(reprocesses).values(
            tenant=key.tenant,
            project=key.project,
            reprocess_id=reprocess.reprocess_id,
            dataset=key.dataset,
            state=reprocess.state.value,
            created_at=reprocess.created_at,
            body=encoded(reprocess),
        )
    )
    whose = {"tenant": key.tenant, "project": key.project, "reprocess_id": reprocess.reprocess_id}
    rows = [{**whose, **msgspec.structs.asdict(chunk)} for chunk in chunks]
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        connection.execute(insert(restaged), rows[start : start + _ROWS_A_STATEMENT])


def keep(connection: Connection, reprocess: Reprocess) -> None:
    """Update a job's state and result."""
    key = reprocess.key
    connection.execute(
        update(reprocesses)
        .where(*_is(reprocesses, key.tenant, key.project, reprocess.reprocess_id))
        .values(state=reprocess.state.value, body=encoded(reprocess))
    )


def chunk(connection: Connection, key: DatasetKey, reprocess_id: str, place: int) -> StagedChunk | None:
    """Return one chunk of a job."""
    query = select(restaged).where(*_is(restaged, key.tenant, key.project, reprocess_id), restaged.c.place == place)
    row = connection.execute(query).mappings().first()
    return None if row is None else _decode(row)


def chunks(connection: Connection, reprocess: Reprocess) -> list[StagedChunk]:
    """Return all chunks of a job in their order."""
    key = reprocess.key
    query = select(restaged).where(*_is(restaged, key.tenant, key.project, reprocess.reprocess_id)).order_by(restaged.c.place)
    return [_decode(row) for row in connection.execute(query).mappings()]


def staged(connection: Connection, key: DatasetKey, reprocess_id: str, chunk: StagedChunk) -> None:
    """Store that a chunk's files are staged."""
    connection.execute(
        update(restaged)
        .where(*_is(restaged, key.tenant, key.project, reprocess_id), restaged.c.place == chunk.place)
        .values(staged=True, records=chunk.records, accepted=chunk.accepted, rejected=chunk.rejected)
    )


def unstaged(connection: Connection, reprocess: Reprocess) -> int:
    """Return the number of chunks without staged files."""
    key = reprocess.key
    query = select(func.count()).select_from(restaged).where(*_is(restaged, key.tenant, key.project, reprocess.reprocess_id))
    return int(connection.execute(query.where(restaged.c.staged.is_(False))).scalar_one())


def before(connection: Connection, at: datetime) -> list[Reprocess]:
    """Return the jobs that are older than a time."""
    return [decoded(body) for body in connection.execute(select(reprocesses.c.body).where(reprocesses.c.created_at < at)).scalars()]


def oldest(connection: Connection, tenant: str, project: str) -> list[Reprocess]:
    """Return a project's jobs, oldest first."""
    query = select(reprocesses.c.body).where(reprocesses.c.tenant == tenant, reprocesses.c.project == project)
    return [decoded(body) for body in connection.execute(query.order_by(reprocesses.c.created_at, reprocesses.c.reprocess_id)).scalars()]


def forget(connection: Connection, reprocess: Reprocess) -> None:
    """Delete a job with its chunks."""
    key = reprocess.key
    for table in (restaged, reprocesses):
        connection.execute(delete(table).where(*_is(table, key.tenant, key.project, reprocess.reprocess_id)))


def _is(table: Any, tenant: str, project: str, reprocess_id: str) -> tuple[ColumnElement[bool], ...]:
    return table.c.tenant == tenant, table.c.project == project, table.c.reprocess_id == reprocess_id


def _decode(row: RowMapping) -> StagedChunk:
    fields: dict[str, Any] = {name: row[name] for name in StagedChunk.__struct_fields__}
    fields["captured_at"] = in_utc(row["captured_at"]) if row["captured_at"] else None
    fields["ingested_at"] = in_utc(row["ingested_at"])
    return StagedChunk(**fields)
