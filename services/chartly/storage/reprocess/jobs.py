"""Rebuilds and rollbacks of datasets: planned, compared, committed. Blocking; what commits runs in the dataset's lane.

What is staged and compared lies in a folder of its own and changes no dataset; a row in the metadata database says how far it is. It
normalizes nothing: the normalizer does, chunk by chunk.
"""

import shutil
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import Connection

from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.metadata import Metadata
from chartly.storage.commit import chunk_rows, dataset_rows
from chartly.storage.commit import rows as commit_rows
from chartly.storage.commit.chunk_rows import ChunkRow, withdrawn_name
from chartly.storage.commit.committer import Committer
from chartly.storage.commit.dataset_rows import DatasetRow
from chartly.storage.commit.failpoints import RebuildPoint, reached
from chartly.storage.commit.rows import Prepared
from chartly.storage.dedupe import expired_rows
from chartly.storage.durable_files import make_folder, sync_file, sync_folder, translated
from chartly.storage.errors import (
    DatasetDerived,
    DatasetUnknown,
    ReprocessEmpty,
    ReprocessStale,
    ReprocessTooLarge,
    ReprocessUnknown,
    StagedFileInvalid,
)
from chartly.storage.model import Counts, DatasetKey, DedupePolicy
from chartly.storage.names import chunk_in, quarantine_id_prefix
from chartly.storage.policy import kept_since
from chartly.storage.quarantine import status_rows
from chartly.storage.quarantine.row_locations import locate_rows, relocate_statuses
from chartly.storage.quarantine.states import State
from chartly.storage.raw import rows as blob_rows
from chartly.storage.table import columns as c
from chartly.storage.table.envelope import read_staged

from . import events as retold
from . import rows as reprocess_rows
from .apply import RebuildWriter, Written, rebuild_commit
from .compare import ACCEPTED_FILE, REJECTED_FILE, Ground, Tell, chunk_folder, folded
from .conflict_resolution import Fold
from .model import Reprocess, ReprocessState, Scope, Settled, Staged, profile_name, rebuild_work_key
from .samples import samples

_PAGE = 1_000


class Rebuilds:
    """The rebuilds of this data directory. Safe for threads; one thread a rebuild."""

    def __init__(self, root: Path, committer: Committer, metadata: Metadata, clock: Clock, limits: Limits) -> None:
        self._root = root
        self._committer = committer
        self._metadata = metadata
        self._clock = clock
        self._limits = limits

    def find(self, key: DatasetKey, reprocess_id: str) -> Reprocess:
        """Read one.

        Raises:
            ReprocessUnknown: the dataset has none with this id, or no more.
        """
        with self._metadata.reading() as connection:
            found = reprocess_rows.find(connection, key.tenant, key.project, reprocess_id)
        if found is None or (key.dataset and found.key != key):
            raise ReprocessUnknown(reprocess_id)
        return found

    def plan(self, key: DatasetKey, reprocess_id: str, scope: Scope) -> Reprocess:
        """Fix the chunks of a rebuild; asked again with its id, give what was fixed.

        Raises:
            DatasetUnknown, DatasetDerived: there is nothing that chunks made.
            ReprocessEmpty: no chunk is in scope.
            ReprocessTooLarge: more chunks are in scope than one rebuild may have.
        """
        self.sweep(key)
        with self._metadata.reading() as connection:
            before = reprocess_rows.find(connection, key.tenant, key.project, reprocess_id)
            if before is not None:
                return before
            held = self._held(connection, key)
            hashes = self._hashes(connection, key, scope)
            chunks = self._chosen(connection, held, scope, hashes)
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
        with translated():
            make_folder(self._folder(made))
        with self._metadata.writing() as connection:
            before = reprocess_rows.find(connection, key.tenant, key.project, reprocess_id)
            if before is None:
                reprocess_rows.put(connection, made, chunks)
        return before or made

    def chunk(self, key: DatasetKey, reprocess_id: str, place: int) -> tuple[Reprocess, Staged]:
        """Read one chunk of a rebuild.

        Raises:
            ReprocessUnknown: there is no such rebuild or place.
        """
        reprocess = self.find(key, reprocess_id)
        with self._metadata.reading() as connection:
            found = reprocess_rows.chunk(connection, key, reprocess_id, place)
        if found is None:
            raise ReprocessUnknown(reprocess_id)
        return reprocess, found

    def stage(
        self, reprocess: Reprocess, chunk: Staged, folder: Path, files: tuple[str, str], records: int, policy: DedupePolicy
    ) -> Staged:
        """Keep a chunk's files, durably; those of an earlier try go.

        Raises:
            StagedFileInvalid: they are not what a plan writes, or don't hold the records.
        """
        counted: list[int] = []
        for file, name, required in zip(files, (ACCEPTED_FILE, REJECTED_FILE), (c.ACCEPTED, c.REJECTED), strict=True):
            table = read_staged(folder, file, required)
            counted.append(table.num_rows if table is not None else 0)
            if file and file != name:
                (folder / file).rename(folder / name)
        if sum(counted) != records:
            raise StagedFileInvalid(files[0] or files[1], f"holds {sum(counted)} records with its like, {records} are told")
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
        reached(RebuildPoint.CHUNK_RESTAGED)
        with self._metadata.writing() as connection:
            reprocess_rows.staged(connection, reprocess.key, reprocess.reprocess_id, kept)
            if reprocess.policy is None:
                reprocess_rows.keep(connection, replace(reprocess, policy=policy))
        return kept

    def compare(self, key: DatasetKey, reprocess_id: str, tell: Tell) -> Reprocess:
        """Compare what is staged with the dataset as it is, and keep the result; once compared, give that.

        Raises:
            ReprocessUnknown: there is no such rebuild.
            ReprocessStale: a chunk is not staged, or the dataset was rebuilt or rolled back.
        """
        reprocess = self.find(key, reprocess_id)
        if reprocess.state is not ReprocessState.PLANNED:
            return reprocess
        ground = self._ground(reprocess)
        with self._fold(reprocess) as fold:
            difference = folded(ground, fold, tell)
            tell("sampling")
            shown = samples(ground, fold, self._limits.reprocess_samples_max)
        reached(RebuildPoint.COMPARED)
        compared = replace(reprocess, state=ReprocessState.DIFFED, difference=difference, samples=shown)
        with self._metadata.writing() as connection:
            reprocess_rows.keep(connection, compared)
        return compared

    def apply(self, key: DatasetKey, reprocess_id: str, run_id: str, principal: str, tell: Tell) -> Reprocess:
        """Commit a rebuild, or give what the commit made. In the dataset's lane.

        Raises:
            ReprocessUnknown, ReprocessStale, Corrupt: as above; nothing was changed.
            ColumnConflict: a column doesn't fit the dataset's.
        """
        with translated():
            reprocess = self.find(key, reprocess_id)
            self._committer.recover(reprocess.key)
            done = self._applied(reprocess)
            if done is None:
                done = self._apply(reprocess, run_id, principal, tell)
            shutil.rmtree(self._folder(reprocess), ignore_errors=True)
            return done

    def sweep(self, key: DatasetKey) -> None:
        """Drop rebuilds that are too old, and of the project's the oldest where there are too many."""
        with self._metadata.reading() as connection:
            late = reprocess_rows.before(connection, self._clock.now() - timedelta(seconds=self._limits.reprocess_retention_s))
            mine = reprocess_rows.oldest(connection, key.tenant, key.project)
        for old in [*late, *mine[: max(0, len(mine) + 1 - self._limits.reprocesses_kept_max)]]:
            with self._metadata.writing() as connection:
                reprocess_rows.forget(connection, old)
            shutil.rmtree(self._folder(old), ignore_errors=True)

    def _apply(self, reprocess: Reprocess, run_id: str, principal: str, tell: Tell) -> Reprocess:
        key, now = reprocess.key, self._clock.now()
        ground = self._ground(reprocess)
        self._committer.stores.check(key, ground.held)
        table, quarantine = self._committer.stores.table(key), self._committer.stores.quarantine_table(key)
        with self._fold(reprocess) as fold:
            difference = folded(ground, fold, tell)
            written = RebuildWriter(ground, fold, run_id, now, self._limits, self._committer.hooks).write(table, quarantine, tell)
            content_state = retold.content_state(ground.held, fold.removed(), fold.added(), difference.content_hash)
        with self._metadata.reading() as connection:
            counts = chunk_rows.totals(connection, key, ground.held.dataset.version)
        counts = _sum([counts, *(chunk.counts for chunk in written.chunks)], [chunk.counts for chunk in ground.replaced])
        commit = rebuild_commit(ground, difference, written.chunks, counts, run_id, now)
        event = retold.reprocessed(commit, ground, difference, principal)
        prepared = Prepared(
            commit=commit, changes=replace(written.changes, events=(event,)), policy=ground.held.policy, content_state=content_state
        )

        with self._metadata.reading() as connection:
            acted_on = status_rows.ids(connection, key)
        rows = [*ground.quarantine_files, *(quarantine.path / file.path for file in written.changes.quarantined)]
        found = locate_rows(key, acted_on, rows)

        def along(connection: Connection) -> None:
            chunk_rows.replace(connection, key, commit.sequence, {chunk.work_key for chunk in ground.replaced})
            chunk_rows.put(connection, key, commit.sequence, written.chunks)
            status_rows.reopened(connection, key, commit.sequence, _decided_anew(connection, key, written))
            relocate_statuses(connection, key, found)

        tell("committing")
        self._committer.decide_and_finish(prepared, change_rows=along)
        rebased = ground.held.dataset.version if ground.held.dataset.version != reprocess.base_version else 0
        return self._note(replace(reprocess, difference=difference, rebased_to=rebased), commit.sequence)

    def _applied(self, reprocess: Reprocess) -> Reprocess | None:
        """Give a rebuild whose commit is there, also when nobody noted it before the process died."""
        if reprocess.state is ReprocessState.APPLIED:
            return reprocess
        with self._metadata.reading() as connection:
            work_key = rebuild_work_key(reprocess.reprocess_id, reprocess.key.dataset)
            commit = commit_rows.by_work_key(connection, reprocess.key, work_key)
        return None if commit is None else self._note(reprocess, commit.sequence)

    def _note(self, reprocess: Reprocess, version: int) -> Reprocess:
        applied = replace(reprocess, state=ReprocessState.APPLIED, version=version)
        with self._metadata.writing() as connection:
            reprocess_rows.keep(connection, applied)
        return applied

    def _ground(self, reprocess: Reprocess) -> Ground:
        key = reprocess.key
        with self._metadata.reading() as connection:
            held = self._held(connection, key)
            version = held.dataset.version
            turned = commit_rows.turned_since(connection, key, reprocess.base_version)
            staged = reprocess_rows.chunks(connection, reprocess)
            expired = expired_rows.paths(connection, key)
            hashes = self._hashes(connection, key, reprocess.scope)
            raws = {chunk.raw_sha256 for chunk in staged}
            replaced = [row for row in _live(connection, key, version) if _within(row, raws, hashes)]
            settled = _settled(connection, key, replaced)
        if turned:
            raise ReprocessStale(reprocess.reprocess_id, f"version {turned} rebuilt or rolled back the dataset")
        table, quarantine = self._committer.stores.table(key), self._committer.stores.quarantine_table(key)
        return Ground(
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

    def _chosen(self, connection: Connection, held: DatasetRow, scope: Scope, hashes: set[str]) -> list[Staged]:
        """Choose the raw blobs in scope, each once, in the order of their first commits."""
        key = held.dataset.key
        # By when they occurred, records of one chunk go one by one: their keys are known as gone.
        by_commit = held.policy.retention_by == "ingested_at"
        since = kept_since(held.policy, self._clock.now()) if by_commit else None
        by_raw: OrderedDict[str, list[ChunkRow]] = OrderedDict()
        for row in _live(connection, key, held.dataset.version):
            over = since is not None and row.ingested_at < since
            if row.origin.raw_sha256 and row.origin.normalizer.hash in hashes and not over:
                by_raw.setdefault(row.origin.raw_sha256, []).append(row)
        chosen = [rows for rows in by_raw.values() if scope.holds(_landed_at(rows[0]), sum(row.counts.quarantined for row in rows))]
        if not chosen:
            raise ReprocessEmpty(key.dataset, scope.replaced_name)
        if len(chosen) > self._limits.reprocess_chunks_max:
            raise ReprocessTooLarge(len(chosen), self._limits.reprocess_chunks_max)
        return [
            Staged(
                place=place,
                raw_sha256=rows[0].origin.raw_sha256,
                source_id=rows[0].origin.source_id,
                captured_at=rows[0].origin.captured_at,
                ingested_at=rows[0].ingested_at,
                position=rows[0].position,
            )
            for place, rows in enumerate(chosen)
        ]

    @staticmethod
    def _held(connection: Connection, key: DatasetKey) -> DatasetRow:
        held = dataset_rows.find(connection, key)
        if held is None:
            raise DatasetUnknown(key.dataset)
        if held.dataset.derived:
            raise DatasetDerived(key.dataset)
        return held

    @staticmethod
    def _hashes(connection: Connection, key: DatasetKey, scope: Scope) -> set[str]:
        """The profiles whose records go: all versions of the replaced normalizer, and the new one itself."""
        known = [*chunk_rows.normalizers(connection, key), *commit_rows.readmitted_with(connection, key)]
        return {each.hash for each in known if profile_name(each.ref) == scope.replaced_name} | {scope.normalizer.hash}

    def _fold(self, reprocess: Reprocess) -> Fold:
        with translated():
            make_folder(self._folder(reprocess))
        return Fold(self._folder(reprocess) / "fold.duckdb", self._limits.reprocess_memory_bytes)

    def _folder(self, reprocess: Reprocess) -> Path:
        key = reprocess.key
        return self._root / key.tenant / key.project / reprocess.reprocess_id


def _live(connection: Connection, key: DatasetKey, version: int) -> Iterator[ChunkRow]:
    after = (0, "")
    while True:
        rows = chunk_rows.page(connection, key, version, after, _PAGE)
        yield from rows
        if len(rows) < _PAGE:
            return
        after = (rows[-1].position, rows[-1].work_key)


def _settled(connection: Connection, key: DatasetKey, replaced: Iterable[ChunkRow]) -> list[Settled]:
    """Read the records of chunks whose quarantine was ended: corrected, given up, or accepted by a later version of the profile."""
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


def _decided_anew(connection: Connection, key: DatasetKey, written: Written) -> list[str]:
    """Name the records that a profile once accepted, and that a rebuild holds back or takes by itself, under the ids that they had then.

    That may have been rebuilds ago: a chunk that gets an earlier profile back gets the ids back.
    """
    prefixes = {quarantine_id_prefix(chunk.work_key) for chunk in written.chunks}
    carried = {status.quarantine_id for status in written.changes.statuses}
    released = (status.quarantine_id for status in status_rows.settled(connection, key) if status.state == State.RELEASED)
    return [each for each in released if each not in carried and quarantine_id_prefix(chunk_in(each)) in prefixes]


def _within(row: ChunkRow, raws: set[str], hashes: set[str]) -> bool:
    return row.origin.raw_sha256 in raws and row.origin.normalizer.hash in hashes


def _landed_at(row: ChunkRow) -> datetime:
    return row.origin.captured_at or row.ingested_at


def _sum(added: Iterable[Counts], taken: Iterable[Counts]) -> Counts:
    total = dict.fromkeys(("records_in", "canonical", "duplicates", "quarantined"), 0)
    for counts, sign in [*((each, 1) for each in added), *((each, -1) for each in taken)]:
        for name in total:
            total[name] += sign * getattr(counts, name)
    return Counts(**total)
