"""Rows of chunks: which versions of a dataset hold a chunk. Functions of a connection within a transaction.

A row is valid in versions [from_version, until_version). A commit writes its rows when it is prepared; they take effect when the dataset's
row moves to the commit's version.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, func, insert, or_, select, update

from chartly.storage.model import ChunkLabel, Commit, Counts, DatasetKey, FrozenRef, Origin, Value, WriteMode
from chartly.storage.stored_time import in_utc
from chartly.storage.tables import chunks

# SQLite takes at most 32,766 variables a statement; this stays far below with all columns.
_ROWS_A_STATEMENT = 500


class ChunkRow(Value, frozen=True, kw_only=True):
    """A chunk that a dataset holds."""

    work_key: str
    commit_version: int
    position: int
    origin: Origin
    ingested_at: datetime
    counts: Counts
    reasons: dict[str, int]
    chunk_digest: str


def appended(connection: Connection, commit: Commit) -> None:
    """Insert the chunk that a commit appends."""
    row = ChunkRow(
        work_key=commit.submission.work_key,
        commit_version=commit.sequence,
        position=commit.sequence,
        origin=commit.origin,
        ingested_at=commit.committed_at,
        counts=commit.counts,
        reasons=commit.reasons,
        chunk_digest=commit.chunk_digest,
    )
    put(connection, commit.key, commit.sequence, [row])


def put(connection: Connection, key: DatasetKey, version: int, rows: Iterable[ChunkRow]) -> None:
    """Insert chunks that the dataset holds from ``version`` on."""
    values = [{**_encode(key, row), "from_version": version, "until_version": None, "ended_by": ""} for row in rows]
    for start in range(0, len(values), _ROWS_A_STATEMENT):
        connection.execute(insert(chunks), values[start : start + _ROWS_A_STATEMENT])


def answering(connection: Connection, key: DatasetKey, work_key: str) -> ChunkRow | None:
    """Return the chunk with a work key; None if there is none, or if it was rolled back.

    A chunk that a reprocess replaced is returned: the dataset still holds its raw bytes' records.
    """
    query = select(chunks).where(*_of(key), chunks.c.work_key == work_key).order_by(chunks.c.from_version.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None or row["ended_by"] == WriteMode.RESTORE else _decode(row)


def was_committed(connection: Connection, key: DatasetKey, work_key: str) -> bool:
    """Return whether any version of the dataset ever held the chunk."""
    return connection.execute(select(chunks.c.position).where(*_of(key), chunks.c.work_key == work_key).limit(1)).first() is not None


def made_by(connection: Connection, key: DatasetKey, commit_version: int, prefix: str) -> ChunkRow | None:
    """Return the chunk that a commit made, by the prefix of its work key; None if the dataset holds it no more."""
    mine = (*_of(key), chunks.c.commit_version == commit_version, chunks.c.work_key.startswith(prefix, autoescape=True))
    row = connection.execute(select(chunks).where(*mine, chunks.c.until_version.is_(None))).mappings().first()
    return None if row is None else _decode(row)


def live_name(connection: Connection, key: DatasetKey, prefix: str) -> str | None:
    """Return the name (``withdrawn_name``) of the quarantined rows of the chunk held now, by the prefix of its work key."""
    mine = (*_of(key), chunks.c.until_version.is_(None), chunks.c.work_key.startswith(prefix, autoescape=True))
    row = connection.execute(select(chunks.c.commit_version, chunks.c.work_key).where(*mine)).first()
    return None if row is None else withdrawn_name(key.dataset, *row)


def live(connection: Connection, key: DatasetKey, chunk: ChunkRow) -> ChunkRow | None:
    """Return a chunk as the dataset holds it now; None if it was reprocessed or rolled back."""
    mine = (*_of(key), chunks.c.work_key == chunk.work_key, chunks.c.commit_version == chunk.commit_version)
    row = connection.execute(select(chunks).where(*mine, chunks.c.until_version.is_(None))).mappings().first()
    return None if row is None else _decode(row)


def recounted(connection: Connection, key: DatasetKey, version: int, chunk: ChunkRow, moved: Counts) -> None:
    """Change a chunk's counts from ``version`` on: some of its records left quarantine."""
    mine = (*_of(key), chunks.c.work_key == chunk.work_key, chunks.c.until_version.is_(None))
    connection.execute(update(chunks).where(*mine).values(until_version=version, ended_by=WriteMode.READMIT.value))
    put(connection, key, version, [msgspec.structs.replace(chunk, counts=chunk.counts.plus(moved))])


def held_at(key: DatasetKey, version: int) -> ColumnElement[bool]:
    """Return the condition for chunks that a version holds."""
    later = or_(chunks.c.until_version.is_(None), chunks.c.until_version > version)
    return and_(*_of(key), chunks.c.from_version <= version, later)


def page(connection: Connection, key: DatasetKey, version: int, after: tuple[int, str], limit: int) -> list[ChunkRow]:
    """Read chunks that a version holds, by position and work key."""
    place = (chunks.c.position, chunks.c.work_key)
    behind = or_(place[0] > after[0], and_(place[0] == after[0], place[1] > after[1]))
    query = select(chunks).where(held_at(key, version), behind).order_by(*place).limit(limit)
    return [_decode(row) for row in connection.execute(query).mappings()]


def replace(connection: Connection, key: DatasetKey, version: int, work_keys: Iterable[str]) -> None:
    """End chunks at ``version``: a reprocess replaces them."""
    ended = list(work_keys)
    for start in range(0, len(ended), _ROWS_A_STATEMENT):
        part = ended[start : start + _ROWS_A_STATEMENT]
        live = (*_of(key), chunks.c.until_version.is_(None), chunks.c.work_key.in_(part))
        connection.execute(update(chunks).where(*live).values(until_version=version, ended_by=WriteMode.REBUILD.value))


def restore(connection: Connection, key: DatasetKey, version: int, restored: int) -> None:
    """Restore the chunks of version ``restored`` in ``version``."""
    back = connection.execute(select(chunks).where(held_at(key, restored), chunks.c.until_version.is_not(None))).mappings().all()
    until = case((chunks.c.until_version.is_(None), version), else_=chunks.c.until_version)
    late = (*_of(key), chunks.c.from_version > restored, chunks.c.from_version < version)
    connection.execute(update(chunks).where(*late).values(until_version=until, ended_by=WriteMode.RESTORE.value))
    put(connection, key, version, [_decode(row) for row in back])


def ended_after(connection: Connection, key: DatasetKey, restored: int) -> list[ChunkLabel]:
    """Return why chunks ended that ``restore`` to version ``restored`` labels a second time."""
    late = (*_of(key), chunks.c.from_version > restored, chunks.c.until_version.is_not(None))
    query = select(chunks.c.work_key, chunks.c.from_version, chunks.c.ended_by).where(*late, chunks.c.ended_by != WriteMode.RESTORE.value)
    return [ChunkLabel(*row) for row in connection.execute(query)]


def remove_since(connection: Connection, key: DatasetKey, version: int, relabelled: Iterable[ChunkLabel]) -> None:
    """Undo what commits from ``version`` on changed: they were set aside.

    Args:
        connection: to the metadata database.
        key: the dataset.
        version: the first version that does not come to be.
        relabelled: labels from before a rollback (``ended_after``).
    """
    connection.execute(chunks.delete().where(*_of(key), chunks.c.from_version >= version))
    ended = (*_of(key), chunks.c.until_version >= version)
    connection.execute(update(chunks).where(*ended).values(until_version=None, ended_by=""))
    for label in relabelled:
        row = (*_of(key), chunks.c.work_key == label.work_key, chunks.c.from_version == label.from_version)
        connection.execute(update(chunks).where(*row).values(ended_by=label.ended_by))


def totals(connection: Connection, key: DatasetKey, version: int) -> Counts:
    """Sum the counts of the chunks that a version holds."""
    names = ("records_in", "canonical", "duplicates", "quarantined")
    sums = [func.coalesce(func.sum(chunks.c[name]), 0) for name in names]
    found = connection.execute(select(*sums).where(held_at(key, version))).one()
    return Counts(**dict(zip(names, map(int, found), strict=True)))


def normalizers(connection: Connection, key: DatasetKey) -> list[FrozenRef]:
    """Return every normalizer profile that any of the dataset's chunks was ever made with."""
    query = select(chunks.c.normalizer_ref, chunks.c.normalizer_hash).where(*_of(key)).distinct()
    return [FrozenRef(ref=ref, hash=digest) for ref, digest in connection.execute(query)]


def last_held_back(connection: Connection, tenant: str, project: str, versions: dict[str, int]) -> dict[str, int]:
    """Return for each dataset the last commit whose quarantine rows its version holds. Datasets without such rows are left out."""
    query = (
        select(chunks.c.dataset, chunks.c.from_version, func.max(chunks.c.commit_version))
        .where(chunks.c.tenant == tenant, chunks.c.project == project, chunks.c.until_version.is_(None), chunks.c.reasons != "{}")
        .group_by(chunks.c.dataset, chunks.c.from_version)
    )
    if len(versions) == 1:
        query = query.where(chunks.c.dataset == next(iter(versions)))
    found: dict[str, int] = {}
    for dataset, since, last in connection.execute(query):
        if since <= versions.get(dataset, 0):
            found[dataset] = max(found.get(dataset, 0), int(last))
    return found


def withdrawn(connection: Connection, tenant: str, project: str, versions: dict[str, int]) -> list[str]:
    """Return the names (``withdrawn_name``) of quarantined rows that no dataset's version holds any more.

    Args:
        connection: to the metadata database.
        tenant: the tenant.
        project: the project.
        versions: version of each of its datasets.
    """
    query = select(chunks).where(chunks.c.tenant == tenant, chunks.c.project == project)
    ended: set[str] = set()
    held: set[str] = set()
    # Chunks whose quarantined records all left quarantine still have reasons.
    for row in connection.execute(query.where(chunks.c.until_version.is_not(None), chunks.c.reasons != "{}")).mappings():
        name = withdrawn_name(row["dataset"], row["commit_version"], row["work_key"])
        (held if row["until_version"] > versions.get(row["dataset"], 0) else ended).add(name)
    if not ended:
        return []
    # After a rollback or a readmission a chunk is held in another interval with the same quarantine rows.
    for row in connection.execute(
        query.where(chunks.c.until_version.is_(None), chunks.c.from_version != chunks.c.commit_version)
    ).mappings():
        held.add(withdrawn_name(row["dataset"], row["commit_version"], row["work_key"]))
    return sorted(ended - held)


def withdrawn_name(dataset: str, commit_version: int, work_key: str) -> str:
    """Return the name of the quarantined rows that one commit wrote for one chunk."""
    return f"{dataset}/{commit_version}/{work_key[:32]}"


def _of(key: DatasetKey) -> tuple[ColumnElement[bool], ...]:
    table = chunks.c
    return table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset


def _encode(key: DatasetKey, row: ChunkRow) -> dict[str, Any]:
    origin = row.origin
    return {
        **msgspec.structs.asdict(key),
        "work_key": row.work_key,
        "commit_version": row.commit_version,
        "position": row.position,
        "raw_sha256": origin.raw_sha256,
        "source_id": origin.source_id,
        "captured_at": origin.captured_at,
        "ingested_at": row.ingested_at,
        "normalizer_ref": origin.normalizer.ref,
        "normalizer_hash": origin.normalizer.hash,
        "dedupe_policy": origin.dedupe_policy,
        "records_in": row.counts.records_in,
        "canonical": row.counts.canonical,
        "duplicates": row.counts.duplicates,
        "quarantined": row.counts.quarantined,
        "reasons": msgspec.json.encode(row.reasons).decode(),
        "chunk_digest": row.chunk_digest,
    }


def _decode(row: RowMapping) -> ChunkRow:
    captured_at = row["captured_at"]
    counts = Counts(records_in=row["records_in"], canonical=row["canonical"], duplicates=row["duplicates"], quarantined=row["quarantined"])
    return ChunkRow(
        work_key=row["work_key"],
        commit_version=row["commit_version"],
        position=row["position"],
        origin=Origin(
            source_id=row["source_id"],
            raw_sha256=row["raw_sha256"],
            captured_at=in_utc(captured_at) if captured_at else None,
            normalizer=FrozenRef(ref=row["normalizer_ref"], hash=row["normalizer_hash"]),
            records_in=row["records_in"],
            dedupe_policy=row["dedupe_policy"],
        ),
        ingested_at=in_utc(row["ingested_at"]),
        counts=counts,
        reasons=msgspec.json.decode(row["reasons"], type=dict[str, int]),
        chunk_digest=row["chunk_digest"],
    )
