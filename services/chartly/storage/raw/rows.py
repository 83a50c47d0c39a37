"""Rows of blobs: the metadata of raw bytes. Functions of a connection within a transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from chartly.storage.model import Value
from chartly.storage.stored_time import in_utc
from chartly.storage.tables import blobs

# SQLite takes at most 32,766 variables a statement; this stays far below.
_DIGESTS_A_QUERY = 500


class Blob(Value, frozen=True, kw_only=True):
    """A blob of a project."""

    tenant: str
    project: str
    sha256: str
    bucket: str
    key: str
    content_type: str
    source_id: str
    captured_at: datetime
    size_bytes: int


def find(connection: Connection, tenant: str, project: str, sha256: str) -> Blob | None:
    """Return a blob; None if the project never stored these bytes."""
    query = select(blobs).where(blobs.c.tenant == tenant, blobs.c.project == project, blobs.c.sha256 == sha256)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    fields: dict[str, Any] = {**row, "captured_at": in_utc(row["captured_at"])}
    return Blob(**fields)


def size_bytes(connection: Connection, tenant: str, project: str, digests: Sequence[str]) -> int:
    """Return the sum of the sizes of some blobs."""
    total = 0
    for start in range(0, len(digests), _DIGESTS_A_QUERY):
        part = blobs.c.sha256.in_(digests[start : start + _DIGESTS_A_QUERY])
        query = select(func.coalesce(func.sum(blobs.c.size_bytes), 0)).where(blobs.c.tenant == tenant, blobs.c.project == project, part)
        total += int(connection.execute(query).scalar_one())
    return total


def insert(connection: Connection, blob: Blob) -> Blob:
    """Insert a blob's row, and return the stored row: of two concurrent writers the first one's stays."""
    held = find(connection, blob.tenant, blob.project, blob.sha256)
    if held is not None:
        return held
    connection.execute(blobs.insert().values({name: getattr(blob, name) for name in blob.__struct_fields__}))
    return blob


def totals(connection: Connection, tenant: str | None, project: str | None) -> tuple[int, int]:
    """Count blobs and their bytes, of one project or of all."""
    query = select(func.count(), func.coalesce(func.sum(blobs.c.size_bytes), 0))
    if tenant is not None:
        query = query.where(blobs.c.tenant == tenant, blobs.c.project == project)
    counted, size_bytes = connection.execute(query).one()
    return int(counted), int(size_bytes)
