"""Rows of commits. Functions of a connection within a transaction; called on threads."""

from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, and_, func, or_, select

from chartly.storage.model import (
    Changes,
    Commit,
    CommitState,
    Counts,
    DatasetKey,
    DedupePolicy,
    FrozenRef,
    Origin,
    Submission,
    Value,
    WriteMode,
)
from chartly.storage.policy import StoragePolicy
from chartly.storage.stored_time import in_utc
from chartly.storage.tables import commits

from . import chunk_rows


class Prepared(Value, frozen=True, kw_only=True):
    """A decided commit with all that finishing it needs."""

    commit: Commit
    changes: Changes
    policy: StoragePolicy
    content_state: bytes


class _Finish(Value, frozen=True, kw_only=True):
    changes: Changes
    policy: StoragePolicy


def prepare(connection: Connection, prepared: Prepared) -> None:
    """Insert a commit as prepared. With this transaction it is decided."""
    finish = _Finish(changes=prepared.changes, policy=prepared.policy)
    connection.execute(
        commits.insert().values(
            **_encode(prepared.commit),
            changes=msgspec.json.encode(finish).decode(),
            content_state=prepared.content_state,
        )
    )
    if prepared.commit.mode is WriteMode.APPEND:
        chunk_rows.appended(connection, prepared.commit)


def finish(connection: Connection, commit: Commit) -> None:
    """Mark a prepared commit as committed, and clear what only finishing needed."""
    connection.execute(
        commits.update()
        .where(*_of(commit.key), commits.c.sequence == commit.sequence)
        .values(state=CommitState.COMMITTED, delta_version=commit.delta_version, changes="", content_state=b"")
    )


def remove_prepared(connection: Connection, key: DatasetKey) -> None:
    """Delete the dataset's prepared commits, which were set aside."""
    connection.execute(commits.delete().where(*_of(key), commits.c.state == CommitState.PREPARED))


def prepared_of(connection: Connection, key: DatasetKey) -> tuple[Prepared, ...]:
    """Return the dataset's prepared commits in their order. They were decided as one group."""
    query = select(commits).where(*_of(key), commits.c.state == CommitState.PREPARED).order_by(commits.c.sequence)
    return tuple(_prepared(row) for row in connection.execute(query).mappings())


def _prepared(row: RowMapping) -> Prepared:
    finish = msgspec.json.decode(row["changes"], type=_Finish)
    return Prepared(commit=_decode(row), changes=finish.changes, policy=finish.policy, content_state=row["content_state"])


def unfinished(connection: Connection) -> list[DatasetKey]:
    """Return all datasets of all projects with a prepared commit."""
    columns = (commits.c.tenant, commits.c.project, commits.c.dataset)
    query = select(*columns).where(commits.c.state == CommitState.PREPARED).distinct().order_by(*columns)
    return [DatasetKey(*row) for row in connection.execute(query)]


def by_work_key(connection: Connection, key: DatasetKey, work_key: str) -> Commit | None:
    """Return the last committed commit with a work key."""
    query = (
        select(commits)
        .where(*_of(key), commits.c.work_key == work_key, commits.c.state == CommitState.COMMITTED)
        .order_by(commits.c.sequence.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else _decode(row)


def by_sequence(connection: Connection, key: DatasetKey, sequence: int) -> Commit | None:
    """Return the commit that made a version of the dataset."""
    query = select(commits).where(*_of(key), commits.c.sequence == sequence, commits.c.state == CommitState.COMMITTED)
    row = connection.execute(query).mappings().first()
    return None if row is None else _decode(row)


def reset_since(connection: Connection, key: DatasetKey, sequence: int) -> int:
    """Return the first version after ``sequence`` that reprocessed or rolled back the dataset; 0 if there is none."""
    turns = commits.c.mode.in_([WriteMode.REBUILD.value, WriteMode.RESTORE.value])
    query = select(func.min(commits.c.sequence)).where(*_of(key), commits.c.sequence > sequence, turns)
    return connection.execute(query).scalar() or 0


def readmitted_with(connection: Connection, key: DatasetKey) -> list[FrozenRef]:
    """Return every normalizer profile that records were readmitted with."""
    query = select(commits.c.normalizer_ref, commits.c.normalizer_hash).where(*_of(key), commits.c.mode == WriteMode.READMIT).distinct()
    return [FrozenRef(ref=ref, hash=digest) for ref, digest in connection.execute(query)]


def page(connection: Connection, key: DatasetKey, before: int, limit: int) -> list[Commit]:
    """Return a dataset's commits before ``before``, newest first."""
    query = select(commits).where(*_of(key), commits.c.sequence < before, commits.c.state == CommitState.COMMITTED)
    return [_decode(row) for row in connection.execute(query.order_by(commits.c.sequence.desc()).limit(limit)).mappings()]


def of_run(connection: Connection, tenant: str, project: str, run_id: str, after: tuple[str, int], limit: int) -> list[Commit]:
    """Return a run's commits by dataset and sequence."""
    place = (commits.c.dataset, commits.c.sequence)
    behind = or_(place[0] > after[0], and_(place[0] == after[0], place[1] > after[1]))
    mine = (commits.c.tenant == tenant, commits.c.project == project, commits.c.run_id == run_id)
    query = select(commits).where(*mine, commits.c.state == CommitState.COMMITTED, behind).order_by(*place).limit(limit)
    return [_decode(row) for row in connection.execute(query).mappings()]


def last_policy(connection: Connection, key: DatasetKey) -> DedupePolicy:
    """Return the dedupe policy of the last commit that appended records."""
    query = (
        select(commits.c.dedupe_policy)
        .where(*_of(key), commits.c.mode == WriteMode.APPEND, commits.c.state == CommitState.COMMITTED)
        .order_by(commits.c.sequence.desc())
        .limit(1)
    )
    policy = connection.execute(query).scalar()
    return "last" if policy == "last" else "quarantine" if policy == "quarantine" else "first"


def moved(connection: Connection, key: DatasetKey, sequence: int, delta_version: int) -> None:
    """Store that another version of the table holds a version of the dataset now, with the same rows in fewer files."""
    connection.execute(commits.update().where(*_of(key), commits.c.sequence == sequence).values(delta_version=delta_version))


def _of(key: DatasetKey) -> tuple[Any, ...]:
    table = commits.c
    return table.tenant == key.tenant, table.project == key.project, table.dataset == key.dataset


def _encode(commit: Commit) -> dict[str, Any]:
    origin = commit.origin
    return {
        **msgspec.structs.asdict(commit.key),
        "sequence": commit.sequence,
        "work_key": commit.submission.work_key,
        "state": commit.state.value,
        "mode": commit.mode.value,
        "submission_id": commit.submission.submission_id,
        "run_id": commit.submission.run_id,
        "source_id": origin.source_id,
        "raw_sha256": origin.raw_sha256,
        "captured_at": origin.captured_at,
        "normalizer_ref": origin.normalizer.ref,
        "normalizer_hash": origin.normalizer.hash,
        "dedupe_policy": origin.dedupe_policy,
        "storage_ref": commit.storage.ref,
        "storage_hash": commit.storage.hash,
        "records_in": commit.counts.records_in,
        "canonical": commit.counts.canonical,
        "duplicates": commit.counts.duplicates,
        "quarantined": commit.counts.quarantined,
        "reasons": msgspec.json.encode(commit.reasons).decode(),
        "chunk_digest": commit.chunk_digest,
        "accepted_digest": commit.accepted_digest,
        "rejected_digest": commit.rejected_digest,
        "content_hash": commit.content_hash,
        "rows": commit.rows,
        "delta_version": commit.delta_version,
        "committed_at": commit.committed_at,
    }


def _decode(row: RowMapping) -> Commit:
    captured_at = row["captured_at"]
    return Commit(
        key=DatasetKey(row["tenant"], row["project"], row["dataset"]),
        sequence=row["sequence"],
        state=CommitState(row["state"]),
        mode=WriteMode(row["mode"]),
        submission=Submission(work_key=row["work_key"], submission_id=row["submission_id"], run_id=row["run_id"]),
        origin=Origin(
            source_id=row["source_id"],
            raw_sha256=row["raw_sha256"],
            captured_at=in_utc(captured_at) if captured_at else None,
            normalizer=FrozenRef(ref=row["normalizer_ref"], hash=row["normalizer_hash"]),
            records_in=row["records_in"],
            dedupe_policy=row["dedupe_policy"],
        ),
        storage=FrozenRef(ref=row["storage_ref"], hash=row["storage_hash"]),
        counts=Counts(
            records_in=row["records_in"],
            canonical=row["canonical"],
            duplicates=row["duplicates"],
            quarantined=row["quarantined"],
        ),
        reasons=msgspec.json.decode(row["reasons"], type=dict[str, int]),
        chunk_digest=row["chunk_digest"],
        accepted_digest=row["accepted_digest"],
        rejected_digest=row["rejected_digest"],
        content_hash=row["content_hash"],
        rows=row["rows"],
        delta_version=row["delta_version"],
        committed_at=in_utc(row["committed_at"]),
    )
