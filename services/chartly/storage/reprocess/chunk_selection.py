"""Chooses the chunks that a reprocess replaces, and the settled records that they hold. Functions of a connection; they change nothing."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from chartly.storage.commit import chunk_rows, dataset_rows
from chartly.storage.commit import rows as commit_rows
from chartly.storage.commit.chunk_rows import ChunkRow, withdrawn_name
from chartly.storage.commit.dataset_rows import DatasetRow
from chartly.storage.errors import DatasetDerived, DatasetUnknown, ReprocessEmpty, ReprocessTooLarge
from chartly.storage.model import DatasetKey
from chartly.storage.policy import kept_since
from chartly.storage.quarantine import status_rows

from .model import ChunkFilter, Settled, StagedChunk, profile_name

_PAGE = 1_000


def canonical_dataset(connection: Connection, key: DatasetKey) -> DatasetRow:
    """Read a dataset that chunks were appended to.

    Raises:
        DatasetUnknown, DatasetDerived: it does not exist, or is a rollup's output.
    """
    held = dataset_rows.find(connection, key)
    if held is None:
        raise DatasetUnknown(key.dataset)
    if held.dataset.derived:
        raise DatasetDerived(key.dataset)
    return held


def replaced_profiles(connection: Connection, key: DatasetKey, scope: ChunkFilter) -> set[str]:
    """Return the hashes of the profiles whose records are replaced: all versions of the normalizer in scope, and the new profile itself."""
    known = [*chunk_rows.normalizers(connection, key), *commit_rows.readmitted_with(connection, key)]
    return {each.hash for each in known if profile_name(each.ref) == scope.replaced_name} | {scope.normalizer.hash}


def choose_chunks(
    connection: Connection, held: DatasetRow, scope: ChunkFilter, hashes: set[str], *, now: datetime, chunks_max: int
) -> list[StagedChunk]:
    """Choose the raw blobs in scope, each once, in the order of their first commits.

    Raises:
        ReprocessEmpty: no chunk is in scope.
        ReprocessTooLarge: more than ``chunks_max`` chunks are in scope.
    """
    key = held.dataset.key
    # With retention by occurrence, records of one chunk expire one by one. The resolution excludes their keys.
    by_commit = held.policy.retention_by == "ingested_at"
    since = kept_since(held.policy, now) if by_commit else None
    by_raw: OrderedDict[str, list[ChunkRow]] = OrderedDict()
    for row in live_chunks(connection, key, held.dataset.version):
        over = since is not None and row.ingested_at < since
        if row.origin.raw_sha256 and row.origin.normalizer.hash in hashes and not over:
            by_raw.setdefault(row.origin.raw_sha256, []).append(row)
    chosen = [rows for rows in by_raw.values() if scope.holds(_landed_at(rows[0]), sum(row.counts.quarantined for row in rows))]
    if not chosen:
        raise ReprocessEmpty(key.dataset, scope.replaced_name)
    if len(chosen) > chunks_max:
        raise ReprocessTooLarge(len(chosen), chunks_max)
    return [
        StagedChunk(
            place=place,
            raw_sha256=rows[0].origin.raw_sha256,
            source_id=rows[0].origin.source_id,
            captured_at=rows[0].origin.captured_at,
            ingested_at=rows[0].ingested_at,
            position=rows[0].position,
        )
        for place, rows in enumerate(chosen)
    ]


def live_chunks(connection: Connection, key: DatasetKey, version: int) -> Iterator[ChunkRow]:
    """Yield the chunks that a version holds, by position and work key."""
    after = (0, "")
    while True:
        rows = chunk_rows.page(connection, key, version, after, _PAGE)
        yield from rows
        if len(rows) < _PAGE:
            return
        after = (rows[-1].position, rows[-1].work_key)


def settled_records(connection: Connection, key: DatasetKey, replaced: Iterable[ChunkRow]) -> list[Settled]:
    """Read the settled records of chunks: corrected, discarded, or accepted by a later version of the profile."""
    by_name = {withdrawn_name(key.dataset, row.commit_version, row.work_key): row for row in replaced}
    found: list[Settled] = []
    for status in status_rows.settled(connection, key):
        row = by_name.get(status.chunk)
        if row is None:
            continue
        commit = commit_rows.by_sequence(connection, key, status.version) if status.after_sha256 else None
        found.append(
            Settled(
                status=status,
                raw_sha256=row.origin.raw_sha256,
                offset=int(status.quarantine_id.rpartition("-")[2]),
                work_key=row.work_key,
                commit_version=row.commit_version,
                canonical=commit is not None and commit.counts.canonical > 0,
            )
        )
    return found


def is_within(row: ChunkRow, raws: set[str], hashes: set[str]) -> bool:
    """Return whether a chunk was made from one of these raw blobs with one of these profiles."""
    return row.origin.raw_sha256 in raws and row.origin.normalizer.hash in hashes


def _landed_at(row: ChunkRow) -> datetime:
    return row.origin.captured_at or row.ingested_at
