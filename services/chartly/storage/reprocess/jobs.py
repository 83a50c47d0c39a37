"""Reprocess jobs: plan, stage, compare, apply. Blocking; ``apply`` runs under the dataset's lock.

Staged files lie in a folder of their own, and a row in the metadata database holds the job's state. The dataset changes
only when ``apply`` commits. The normalizer normalizes, chunk by chunk.
"""

import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import Connection

from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.metadata import Metadata
from chartly.storage.commit import chunk_rows
from chartly.storage.commit import rows as commit_rows
from chartly.storage.commit.committer import Committer
from chartly.storage.commit.failpoints import ReprocessFailpoint, reached
from chartly.storage.commit.rows import Prepared
from chartly.storage.dedupe import expired_rows
from chartly.storage.durable_files import make_folder, sync_file, sync_folder, translated
from chartly.storage.errors import (
    ReprocessStale,
    ReprocessUnknown,
    StagedFileInvalid,
)
from chartly.storage.model import Counts, DatasetKey, DedupePolicy
from chartly.storage.names import chunk_in, quarantine_id_prefix
from chartly.storage.quarantine import status_rows
from chartly.storage.quarantine.row_locations import locate_rows
from chartly.storage.quarantine.states import State
from chartly.storage.raw import rows as blob_rows
from chartly.storage.table import columns as c
from chartly.storage.table.data_files import deleted_on_failure
from chartly.storage.table.envelope import read_staged

from . import events as reprocess_events
from . import rows as reprocess_rows
from .apply import ReprocessWriter, WrittenReprocess, reprocess_commit
from .chunk_selection import canonical_dataset, choose_chunks, is_within, live_chunks, replaced_profiles, settled_records
from .compare import ACCEPTED_FILE, REJECTED_FILE, ReprocessInputs, chunk_folder, resolve
from .conflict_resolution import ConflictResolution
from .model import ChunkFilter, Reprocess, ReprocessState, StagedChunk, reprocess_work_key
from .progress import Report
from .samples import samples


class ReprocessJobs:
    """The reprocess jobs of this data directory. Safe for threads; one thread a job."""

    def __init__(self, root: Path, committer: Committer, metadata: Metadata, clock: Clock, limits: Limits) -> None:
        self._root = root
        self._committer = committer
        self._metadata = metadata
        self._clock = clock
        self._limits = limits

    def find(self, key: DatasetKey, reprocess_id: str) -> Reprocess:
        """Return a reprocess job.

        Raises:
            ReprocessUnknown: the dataset has no job with this id, or it was deleted.
        """
        with self._metadata.reading() as connection:
            found = reprocess_rows.find(connection, key.tenant, key.project, reprocess_id)
        if found is None or (key.dataset and found.key != key):
            raise ReprocessUnknown(reprocess_id)
        return found

    def plan(self, key: DatasetKey, reprocess_id: str, scope: ChunkFilter) -> Reprocess:
        """Choose the chunks of a job and store it. A repeated call with the same id returns the stored job.

        Raises:
            DatasetUnknown, DatasetDerived: the dataset does not exist, or is a rollup's output.
            ReprocessEmpty: no chunk is in scope.
            ReprocessTooLarge: more chunks are in scope than one job may have.
        """
        with self._metadata.reading() as connection:
            before = reprocess_rows.find(connection, key.tenant, key.project, reprocess_id)
        if before is not None:
            return before
        self._make_room(key)
        with self._metadata.reading() as connection:
            held = canonical_dataset(connection, key)
            hashes = replaced_profiles(connection, key, scope)
            chunks = choose_chunks(connection, held, scope, hashes, now=self._clock.now(), chunks_max=self._limits.reprocess_chunks_max)
            raw_bytes = blob_rows.size_bytes(connection, key.tenant, key.project, [chunk.raw_sha256 for chunk in chunks])
        made = Reprocess(
            reprocess_id=reprocess_id,
            key=key,
            scope=scope,
            state=ReprocessState.PLANNED,
            created_at=self._clock.now(),
            base_version=held.dataset.version,
            chunks=len(chunks),
            raw_bytes=raw_bytes,
        )
        with self._metadata.writing() as connection:
            before = reprocess_rows.find(connection, key.tenant, key.project, reprocess_id)
            if before is None:
                reprocess_rows.put(connection, made, chunks)
        return before or made

    def chunk(self, key: DatasetKey, reprocess_id: str, place: int) -> tuple[Reprocess, StagedChunk]:
        """Return a job and one of its chunks.

        Raises:
            ReprocessUnknown: there is no such job or chunk.
        """
        reprocess = self.find(key, reprocess_id)
        with self._metadata.reading() as connection:
            found = reprocess_rows.chunk(connection, key, reprocess_id, place)
        if found is None:
            raise ReprocessUnknown(reprocess_id)
        return reprocess, found

    def stage(
        self, reprocess: Reprocess, chunk: StagedChunk, folder: Path, files: tuple[str, str], records: int, policy: DedupePolicy
    ) -> StagedChunk:
        """Store a chunk's files, durably; replace those of an earlier attempt.

        Raises:
            StagedFileInvalid: a file is not what a plan writes, or the files hold another number of records.
        """
        counted: list[int] = []
        for file, name, required in zip(files, (ACCEPTED_FILE, REJECTED_FILE), (c.ACCEPTED, c.REJECTED), strict=True):
            table = read_staged(folder, file, required)
            counted.append(table.num_rows if table is not None else 0)
            if file and file != name:
                (folder / file).rename(folder / name)
        if sum(counted) != records:
            raise StagedFileInvalid(
                files[0] or files[1], f"holds {sum(counted)} records together with the other file, the request says {records}"
            )
        target = chunk_folder(self._folder(reprocess), chunk.place)
        with translated():
            for name in (ACCEPTED_FILE, REJECTED_FILE):
                if (folder / name).exists():
                    sync_file(folder / name)
            make_folder(target.parent)
            shutil.rmtree(target, ignore_errors=True)
            folder.rename(target)
            sync_folder(target)
            sync_folder(target.parent)
        kept = replace(chunk, staged=True, records=records, accepted=counted[0], rejected=counted[1])
        reached(ReprocessFailpoint.CHUNK_STAGED)
        with self._metadata.writing() as connection:
            reprocess_rows.staged(connection, reprocess.key, reprocess.reprocess_id, kept)
            if reprocess.policy is None:
                reprocess_rows.keep(connection, replace(reprocess, policy=policy))
        return kept

    def compare(self, key: DatasetKey, reprocess_id: str, report: Report) -> Reprocess:
        """Compare the staged chunks with the dataset, and store the result. A repeated call returns the stored result.

        Raises:
            ReprocessUnknown: there is no such job.
            ReprocessStale: a chunk is not staged, or the dataset was rebuilt or rolled back.
        """
        reprocess = self.find(key, reprocess_id)
        if reprocess.state is not ReprocessState.PLANNED:
            return reprocess
        inputs = self._inputs(reprocess)
        with self._resolution(reprocess) as resolution:
            difference = resolve(inputs, resolution, report)
            report("sampling")
            shown = samples(inputs, resolution, self._limits.reprocess_samples_max)
        reached(ReprocessFailpoint.COMPARED)
        compared = replace(reprocess, state=ReprocessState.DIFFED, difference=difference, samples=shown)
        with self._metadata.writing() as connection:
            reprocess_rows.keep(connection, compared)
        return compared

    def apply(self, key: DatasetKey, reprocess_id: str, run_id: str, principal: str, report: Report) -> Reprocess:
        """Commit a job, or return it if it is committed. The caller holds the dataset's lock.

        Raises:
            ReprocessUnknown, ReprocessStale, Corrupt: as above; nothing was changed.
            ColumnConflict: a column doesn't fit the dataset's.
        """
        with translated():
            reprocess = self.find(key, reprocess_id)
            self._committer.recover(reprocess.key)
            done = self._applied(reprocess)
            if done is None:
                done = self._apply(reprocess, run_id, principal, report)
            shutil.rmtree(self._folder(reprocess), ignore_errors=True)
            return done

    def expired(self) -> list[Reprocess]:
        """Return the jobs of all projects that are past their retention."""
        with self._metadata.reading() as connection:
            return reprocess_rows.before(connection, self._clock.now() - timedelta(seconds=self._limits.reprocess_retention_s))

    def delete(self, reprocess: Reprocess) -> None:
        """Delete a job with its files.

        The row is deleted last, so that a job whose files could not be deleted is found again.
        """
        folder = self._folder(reprocess)
        with translated():
            if folder.exists():
                shutil.rmtree(folder)
        with self._metadata.writing() as connection:
            reprocess_rows.forget(connection, reprocess)

    def _make_room(self, key: DatasetKey) -> None:
        """Delete jobs past their retention, and the project's oldest ones, so that it may have one more."""
        for old in self.expired():
            self.delete(old)
        with self._metadata.reading() as connection:
            held = reprocess_rows.oldest(connection, key.tenant, key.project)
        for old in held[: max(0, len(held) + 1 - self._limits.reprocesses_kept_max)]:
            self.delete(old)

    def _apply(self, reprocess: Reprocess, run_id: str, principal: str, report: Report) -> Reprocess:
        key, now = reprocess.key, self._clock.now()
        inputs = self._inputs(reprocess)
        self._committer.stores.check(key, inputs.held)
        table, quarantine = self._committer.stores.table(key), self._committer.stores.quarantine_table(key)
        with self._resolution(reprocess) as resolution:
            difference = resolve(inputs, resolution, report)
            content_state = reprocess_events.content_state(inputs.held, resolution.removed(), resolution.added(), difference.content_hash)
            with self._metadata.reading() as connection:
                counts = chunk_rows.totals(connection, key, inputs.held.dataset.version)
                acted_on = status_rows.ids(connection, key)
            written = ReprocessWriter(inputs, resolution, run_id, now, self._limits, self._committer.hooks).write(table, quarantine, report)
        counts = _sum([counts, *(chunk.counts for chunk in written.chunks)], [chunk.counts for chunk in inputs.replaced])
        commit = reprocess_commit(inputs, difference, written.chunks, counts, run_id, now)
        event = reprocess_events.reprocessed(commit, inputs, difference, principal)
        changes = replace(written.changes, events=(event,))
        prepared = Prepared(commit=commit, changes=changes, policy=inputs.held.policy, content_state=content_state)
        rows = [*inputs.quarantine_files, *(quarantine.path / file.path for file in written.changes.quarantined)]
        with deleted_on_failure(table.path, written.changes.added), deleted_on_failure(quarantine.path, written.changes.quarantined):
            found = locate_rows(key, acted_on, rows)

        def change_rows(connection: Connection) -> None:
            chunk_rows.replace(connection, key, commit.sequence, {chunk.work_key for chunk in inputs.replaced})
            chunk_rows.put(connection, key, commit.sequence, written.chunks)
            status_rows.reopened(connection, key, commit.sequence, _ids_to_reopen(connection, key, written))

        report("committing")
        self._committer.decide_and_finish(prepared, change_rows=change_rows, locations=found)
        rebased = inputs.held.dataset.version if inputs.held.dataset.version != reprocess.base_version else 0
        return self._note(replace(reprocess, difference=difference, rebased_to=rebased), commit.sequence)

    def _applied(self, reprocess: Reprocess) -> Reprocess | None:
        """Return the job if its commit exists. If the process died after the commit, the job's row is corrected."""
        if reprocess.state is ReprocessState.APPLIED:
            return reprocess
        with self._metadata.reading() as connection:
            work_key = reprocess_work_key(reprocess.reprocess_id, reprocess.key.dataset)
            commit = commit_rows.by_work_key(connection, reprocess.key, work_key)
        return None if commit is None else self._note(reprocess, commit.sequence)

    def _note(self, reprocess: Reprocess, version: int) -> Reprocess:
        applied = replace(reprocess, state=ReprocessState.APPLIED, version=version)
        with self._metadata.writing() as connection:
            reprocess_rows.keep(connection, applied)
        return applied

    def _inputs(self, reprocess: Reprocess) -> ReprocessInputs:
        key = reprocess.key
        with self._metadata.reading() as connection:
            held = canonical_dataset(connection, key)
            version = held.dataset.version
            reset = commit_rows.reset_since(connection, key, reprocess.base_version)
            staged = reprocess_rows.chunks(connection, reprocess)
            expired = expired_rows.paths(connection, key)
            hashes = replaced_profiles(connection, key, reprocess.scope)
            raws = {chunk.raw_sha256 for chunk in staged}
            replaced = [row for row in live_chunks(connection, key, version) if is_within(row, raws, hashes)]
            settled = settled_records(connection, key, replaced)
        if reset:
            raise ReprocessStale(reprocess.reprocess_id, f"version {reset} rebuilt or rolled back the dataset")
        table, quarantine = self._committer.stores.table(key), self._committer.stores.quarantine_table(key)
        return ReprocessInputs(
            reprocess=reprocess,
            held=held,
            staged=staged,
            replaced=replaced,
            settled=settled,
            hashes=sorted(hashes),
            files=table.paths() if table.exists() else [],
            expired_files=[self._committer.stores.expired_folder(key) / name for name in expired],
            quarantine_files=quarantine.paths() if quarantine.exists() else [],
            folder=self._folder(reprocess),
        )

    def _resolution(self, reprocess: Reprocess) -> ConflictResolution:
        with translated():
            make_folder(self._folder(reprocess))
        return ConflictResolution(self._folder(reprocess) / "fold.duckdb", self._limits.reprocess_memory_bytes)

    def _folder(self, reprocess: Reprocess) -> Path:
        key = reprocess.key
        return self._root / key.tenant / key.project / reprocess.reprocess_id


def _sum(added: Iterable[Counts], taken: Iterable[Counts]) -> Counts:
    total = dict.fromkeys(("records_in", "canonical", "duplicates", "quarantined"), 0)
    for counts, sign in [*((each, 1) for each in added), *((each, -1) for each in taken)]:
        for name in total:
            total[name] += sign * getattr(counts, name)
    return Counts(**total)


def _ids_to_reopen(connection: Connection, key: DatasetKey, written: WrittenReprocess) -> list[str]:
    """Return the ids of released records that the new profile decides again: they are rejected or accepted under their former ids.

    The release may be older than the last job: when a chunk returns to an earlier profile, its records have their earlier ids.
    """
    prefixes = {quarantine_id_prefix(chunk.work_key) for chunk in written.chunks}
    carried = {status.quarantine_id for status in written.changes.statuses}
    released = (status.quarantine_id for status in status_rows.settled(connection, key) if status.state == State.RELEASED)
    return [each for each in released if each not in carried and quarantine_id_prefix(chunk_in(each)) in prefixes]
