"""Prepares chunks: decides their records, and writes their files. Nothing is part of the dataset yet when it returns."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from chartly.platform.clock import Clock
from chartly.storage.dedupe.decide import DecidedChunk, decide_appended, decide_replaced, look_up_after
from chartly.storage.model import Commit, CommitState, DatasetKey, FrozenRef, Origin, Submission, WriteMode

from .chunk import Write, read_chunk, read_replacement
from .chunk_files import ChunkWriter
from .dataset_rows import DatasetRow
from .failpoints import CommitFailpoint, reached
from .rows import Prepared
from .stores import DatasetStores


class Preparer:
    """Prepares commits of chunks. Blocking; one thread a dataset."""

    def __init__(self, stores: DatasetStores, writer: ChunkWriter, clock: Clock) -> None:
        self._stores = stores
        self._writer = writer
        self._clock = clock

    def prepare(
        self, write: Write, held: DatasetRow | None, before: Sequence[tuple[Prepared, DecidedChunk]]
    ) -> tuple[Prepared, DecidedChunk]:
        """Decide a chunk and write its files.

        Args:
            write: the chunk.
            held: the dataset as of its last commit; None before its first.
            before: chunks of the same group that were prepared before this one, in their order.

        Raises:
            StagedFileInvalid, ColumnConflict, ColumnCaseConflict, RetentionColumnInvalid: the chunk doesn't fit the dataset.
            DiskFull, StoreUnavailable, Corrupt: a store failed. Whatever was raised, no file of this chunk is left behind.
        """
        appends = write.mode is WriteMode.APPEND
        chunk = (
            self._decide_appended(write, held, [chunk for _, chunk in before])
            if appends
            else decide_replaced(read_replacement(write.staged))
        )
        reached(CommitFailpoint.STAGED_READ)
        last = before[-1][0] if before else None
        version, rows = (held.dataset.version, held.dataset.rows) if held else (0, 0)
        if last is not None:
            version, rows = last.commit.sequence, last.commit.rows
        commit = next_commit(
            key=write.key,
            version=version,
            rows=rows if appends else 0,
            mode=write.mode,
            submission=write.submission,
            origin=write.origin,
            storage=write.storage,
            chunk=chunk,
            now=self._clock.now(),
        )
        commit, changes = self._writer.write(commit, chunk, write.policy, last.changes if last is not None else None)
        changes = replace(changes, principal=write.principal, facts=dict(write.facts))
        content_state = chunk.content.state() if appends else b""
        return Prepared(commit=commit, changes=changes, policy=write.policy, content_state=content_state), chunk

    def _decide_appended(self, write: Write, held: DatasetRow | None, before: Sequence[DecidedChunk]) -> DecidedChunk:
        version = held.dataset.version if held else 0
        self._stores.ensure_index(write.key, version)
        accepted, rejected = read_chunk(write.staged, write.origin)
        return decide_appended(
            accepted,
            rejected,
            policy=write.origin.dedupe_policy,
            look_up=look_up_after(before, partial(self._stores.look_up, write.key, version)),
            content_state=before[-1].content.state() if before else held.content_state if held else b"",
        )


def next_commit(
    *,
    key: DatasetKey,
    version: int,
    rows: int,
    mode: WriteMode,
    submission: Submission,
    origin: Origin,
    storage: FrozenRef,
    chunk: DecidedChunk,
    now: datetime,
) -> Commit:
    """Return the commit that follows ``version`` of a dataset.

    Args:
        key: the dataset.
        version: its version before.
        rows: its rows before, without those that the commit replaces as a whole.
        mode: what the commit does.
        submission: who writes it.
        origin: what its records were made from.
        storage: the storage profile.
        chunk: its records.
        now: when it is decided.
    """
    return Commit(
        key=key,
        sequence=version + 1,
        state=CommitState.PREPARED,
        mode=mode,
        submission=submission,
        origin=origin,
        storage=storage,
        counts=chunk.counts,
        reasons={},
        chunk_digest=chunk.digest,
        accepted_digest=chunk.accepted_digest,
        rejected_digest=chunk.rejected_digest,
        content_hash=f"sha256:{chunk.content.hexdigest()}",
        rows=rows + chunk.rows_added,
        delta_version=-1,
        committed_at=now,
    )
