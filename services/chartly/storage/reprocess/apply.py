"""Writes the files of a reprocess: adds the new records of its chunks, and removes the former ones. Blocking; under the dataset's lock.

Files are written a few chunks at a time, so memory does not grow with the dataset. ``jobs.py`` commits them as one version.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from chartly.platform.config import Limits
from chartly.storage.arrow import pa, pc
from chartly.storage.commit.chunk_files import QUARANTINE_POLICY, policy_of_table
from chartly.storage.commit.chunk_rows import ChunkRow
from chartly.storage.commit.quarantine_hooks import QuarantineHooks
from chartly.storage.durable_files import make_folder, sync_folder, translated
from chartly.storage.errors import Corrupt
from chartly.storage.model import Changes, Commit, CommitState, Counts, FrozenRef, Origin, Submission, TableFile, WriteMode
from chartly.storage.policy import StoragePolicy
from chartly.storage.table import columns as c
from chartly.storage.table.data_files import delete_files, read_files, write_file, write_files
from chartly.storage.table.delta_table import LocalDeltaTable
from chartly.storage.table.digests import chunk_digest, digest_column, no_digests
from chartly.storage.table.envelope import canonical_rows, quarantine_rows, read_staged, reason_counts
from chartly.storage.table.schema import conformed, files_only, schema_text, with_new_columns

from .compare import ACCEPTED_FILE, REJECTED_FILE, ReprocessInputs, chunk_folder, counted, staying
from .conflict_resolution import CONFLICT, DUPLICATE, EXPIRED, ConflictResolution
from .model import Answer, Difference, StagedChunk, chunk_work_key, chunks_digest, reprocess_work_key
from .progress import Report
from .settled_records import SettledRows

# Chunks written between two reports, each of which checks whether the caller still waits.
_CHUNKS_A_REPORT = 64
# Rows collected before they are written: a few files of a usual commit's size, some hundred MB at most.
_ROWS_A_WRITE = 200_000


@dataclass
class WrittenReprocess:
    """What was written for a reprocess."""

    changes: Changes
    chunks: list[ChunkRow] = field(default_factory=list[ChunkRow])


@dataclass
class _FileBuffer:
    """Rows to be written into files of one table."""

    folder: Path
    policy: StoragePolicy
    sequence: int
    partitions_max: int
    tables: "list[pa.Table]" = field(default_factory=list["pa.Table"])
    rows: int = 0
    files: list[TableFile] = field(default_factory=list[TableFile])
    schema: "pa.Schema | None" = None

    def add(self, table: "pa.Table") -> None:
        self.schema = with_new_columns(self.schema, table.schema)
        self.tables.append(table)
        self.rows += table.num_rows
        if self.rows >= _ROWS_A_WRITE:
            self.flush()

    def flush(self) -> None:
        if self.schema is None or not self.tables:
            return
        schema = self.schema
        whole = pa.concat_tables([conformed(table, schema) for table in self.tables])
        with translated():
            make_folder(self.folder)
        self.files += write_files(self.folder, whole, self.sequence, self.policy, self.partitions_max)
        self.tables, self.rows = [], 0


class ReprocessWriter:
    """Writes the files of one reprocess."""

    def __init__(
        self, inputs: ReprocessInputs, resolution: ConflictResolution, run_id: str, now: datetime, limits: Limits, hooks: QuarantineHooks
    ) -> None:
        self._inputs = inputs
        self._resolution = resolution
        self._run_id = run_id
        self._now = now
        self._limits = limits
        self._hooks = hooks
        self._sequence = inputs.held.dataset.version + 1
        self._settled = SettledRows(staying(inputs, resolution), inputs.quarantine_files)

    def write(self, table: LocalDeltaTable, quarantine: LocalDeltaTable, report: Report) -> WrittenReprocess:
        """Write all files, durably. No commit refers to them yet.

        Raises:
            ColumnConflict: a column doesn't fit the dataset's; no file is left behind.
            Corrupt: a file is missing or its bytes changed.
        """
        partitions = table.partition_columns()
        policy = policy_of_table(self._inputs.held.policy, partitions)
        rows = _FileBuffer(table.path, policy, self._sequence, self._limits.commit_partitions_max, schema=files_only(table.schema()))
        rejected = _FileBuffer(quarantine.path, QUARANTINE_POLICY, self._sequence, self._limits.commit_partitions_max)
        written = WrittenReprocess(Changes())
        rewritten: list[TableFile] = []
        try:
            for chunk in self._inputs.staged:
                if chunk.place % _CHUNKS_A_REPORT == 0:
                    report("writing")
                written.chunks.append(self._chunk(chunk, rows, rejected))
            rows.flush()
            rejected.flush()
            removed = tuple(self._without_former(table, policy, rewritten))
        except BaseException:
            delete_files(table.path, (*rows.files, *rewritten))
            delete_files(quarantine.path, rejected.files)
            raise
        schema = rows.schema
        if schema is None:
            raise Corrupt(f"table {table.path.name}", "has no schema")
        written.changes = Changes(
            schema=schema_text(schema),
            partition_columns=partitions,
            added=(*rows.files, *rewritten),
            removed=removed,
            quarantined=tuple(rejected.files),
            quarantine_schema=schema_text(rejected.schema) if rejected.schema is not None else "",
            statuses=tuple(self._settled.statuses),
        )
        return written

    def _chunk(self, chunk: StagedChunk, rows: _FileBuffer, rejected: _FileBuffer) -> ChunkRow:
        folder = chunk_folder(self._inputs.folder, chunk.place)
        accepted = read_staged(folder, ACCEPTED_FILE if chunk.accepted else "", c.ACCEPTED)
        refused = read_staged(folder, REJECTED_FILE if chunk.rejected else "", c.REJECTED)
        as_loaded = self._commit(chunk, chunk.position, chunk.ingested_at)
        settled = self._settled.of(chunk.raw_sha256)
        duplicates = 0
        conflicts: pa.Table | None = None
        expired: pa.Table | None = None
        ids = no_digests()
        if accepted is not None:
            losers = self._resolution.losers(chunk.place)
            lost = [row for row, _ in losers]
            duplicates = sum(verdict == DUPLICATE for _, verdict in losers)
            kept = accepted.filter(_without(accepted.num_rows, lost)) if lost else accepted
            ids = digest_column(kept.column(c.RECORD_ID))
            conflicts, expired = (
                accepted.take(pa.array([row for row, verdict in losers if verdict == wanted], pa.int64())) for wanted in (CONFLICT, EXPIRED)
            )
            if kept.num_rows:
                rows.add(canonical_rows(kept, as_loaded))
        as_held_back = self._commit(chunk, self._sequence, self._now)
        if refused is not None and settled:
            refused = refused.filter(_other(refused.column(c.REJECTED_PLACE_OFFSET), [each.offset for each in settled]))
        parts = (quarantine_rows(refused, conflicts, expired, as_held_back), self._settled.rows(as_held_back))
        waiting = parts[0].num_rows if parts[0] is not None else 0
        reasons: Counter[str] = Counter()
        for rows_held_back in filter(None, parts):
            rejected.add(self._hooks.attach_payloads(rows_held_back, as_held_back, seal_all=self._inputs.held.policy.seal_quarantine))
            reasons += Counter(reason_counts(rows_held_back))
        edited = [each for each in settled if each.answer is Answer.EDITED]
        canonical = sum(each.canonical for each in edited)
        return ChunkRow(
            work_key=as_loaded.submission.work_key,
            commit_version=self._sequence,
            position=chunk.position,
            origin=as_loaded.origin,
            ingested_at=chunk.ingested_at,
            counts=counted(
                canonical=len(ids) + canonical,
                duplicates=duplicates + len(edited) - canonical,
                quarantined=waiting + len(settled) - len(edited),
            ),
            reasons=dict(sorted(reasons.items(), key=lambda found: (-found[1], found[0]))),
            chunk_digest=chunk_digest(ids),
        )

    def _without_former(self, table: LocalDeltaTable, policy: StoragePolicy, rewritten: list[TableFile]) -> Iterator[str]:
        """Rewrite the table's files that hold removed records, without these; yield the paths of the old files."""
        for place, file in enumerate(table.live_files()):
            path = table.path / file.path
            dropped = self._resolution.dropped_rows(path)
            if not dropped:
                continue
            held = read_files([path])
            if len(dropped) < held.num_rows:
                with translated():
                    kept = held.filter(_without(held.num_rows, dropped))
                    rewritten.append(write_file(table.path, kept, self._sequence, place, dict(file.partition), policy))
            yield file.path
        with translated():
            sync_folder(table.path)

    def _commit(self, chunk: StagedChunk, sequence: int, committed_at: datetime) -> Commit:
        """Return the commit that a chunk's rows name: in the table the one that first held it, in quarantine that of the reprocess."""
        reprocess, dataset = self._inputs.reprocess, self._inputs.held.dataset
        normalizer = reprocess.scope.normalizer
        return Commit(
            key=reprocess.key,
            sequence=sequence,
            state=CommitState.PREPARED,
            mode=WriteMode.REBUILD,
            submission=Submission(
                work_key=chunk_work_key(chunk.raw_sha256, normalizer.hash, reprocess.key.dataset),
                submission_id=reprocess.reprocess_id,
                run_id=self._run_id,
            ),
            origin=Origin(
                source_id=chunk.source_id,
                raw_sha256=chunk.raw_sha256,
                captured_at=chunk.captured_at,
                normalizer=normalizer,
                records_in=chunk.records,
                dedupe_policy=reprocess.policy or "first",
            ),
            storage=dataset.storage,
            counts=Counts(),
            reasons={},
            chunk_digest="",
            content_hash="",
            rows=0,
            delta_version=-1,
            committed_at=committed_at,
        )


def reprocess_commit(
    inputs: ReprocessInputs, difference: Difference, chunks: list[ChunkRow], counts: Counts, run_id: str, now: datetime
) -> Commit:
    """Return the commit that applies a reprocess; ``counts`` are those of the whole dataset after it."""
    reprocess, dataset = inputs.reprocess, inputs.held.dataset
    return Commit(
        key=reprocess.key,
        sequence=dataset.version + 1,
        state=CommitState.PREPARED,
        mode=WriteMode.REBUILD,
        submission=Submission(
            work_key=reprocess_work_key(reprocess.reprocess_id, reprocess.key.dataset), submission_id=reprocess.reprocess_id, run_id=run_id
        ),
        origin=Origin(normalizer=FrozenRef(ref=reprocess.scope.normalizer.ref, hash=reprocess.scope.normalizer.hash)),
        storage=dataset.storage,
        counts=counts,
        reasons=difference.reasons,
        chunk_digest=chunks_digest([(chunk.work_key, chunk.chunk_digest) for chunk in chunks]),
        content_hash=difference.content_hash,
        rows=difference.rows,
        delta_version=-1,
        committed_at=now,
    )


def _other(column: "pa.ChunkedArray", values: list[int]) -> "pa.ChunkedArray":
    return pc.invert(pc.is_in(column.cast(pa.int64()), value_set=pa.array(values, pa.int64())))


def _without(rows: int, dropped: list[int]) -> "pa.Array":
    return pc.invert(pc.is_in(pa.arange(0, rows), value_set=pa.array(dropped, pa.int64())))
