"""Rows of the files with keys that retention removed from a dataset. Functions of a connection within a transaction."""

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from chartly.storage.model import DatasetKey, TableFile
from chartly.storage.tables import expired


def put(connection: Connection, key: DatasetKey, sequence: int, files: Iterable[TableFile]) -> None:
    """Insert the files of a commit."""
    for file in files:
        connection.execute(
            expired.insert().values(
                tenant=key.tenant,
                project=key.project,
                dataset=key.dataset,
                path=file.path,
                sequence=sequence,
                sha256=file.sha256,
                key_count=file.rows,
            )
        )


def paths(connection: Connection, key: DatasetKey) -> list[str]:
    """Return the paths of a dataset's files, oldest first."""
    query = (
        select(expired.c.path)
        .where(expired.c.tenant == key.tenant, expired.c.project == key.project, expired.c.dataset == key.dataset)
        .order_by(expired.c.sequence, expired.c.path)
    )
    return [row[0] for row in connection.execute(query)]


def count(connection: Connection, key: DatasetKey) -> int:
    """Count the removed keys of a dataset. A key that was removed twice counts twice."""
    query = select(func.coalesce(func.sum(expired.c.key_count), 0)).where(
        expired.c.tenant == key.tenant, expired.c.project == key.project, expired.c.dataset == key.dataset
    )
    return int(connection.execute(query).scalar_one())
