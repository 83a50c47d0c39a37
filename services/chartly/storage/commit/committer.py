"""Commits chunks exactly once: reads, decides, writes files, decides in the metadata database, finishes. Blocking; one thread a dataset.

``domain/protocol.py`` tells the steps, ``failpoints.py`` names the places between them. Whatever fails after the row is prepared leaves the
row, and the next call on the dataset finishes it: nothing is ever rolled back, and nothing that was not decided is visible.
"""

import shutil
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Lock

from msgspec.structs import replace
from sqlalchemy import Connection

from chartly.platform.clock import Clock
from chartly.platform.config import Config
from chartly.platform.metadata import Metadata
from chartly.platform.telemetry.log import Logger
from chartly.storage.arrow import native, pa
from chartly.storage.dedupe import expired_rows
from chartly.storage.dedupe.index import Indexes, Keys
from chartly.storage.dedupe.index_content import index_content, write_expired
from chartly.storage.durable_files import translated
from chartly.storage.errors import Corrupt, DatasetUnknown, ModeConflict
from chartly.storage.maintenance.compaction import Maintenance
from chartly.storage.model import Changes, Commit, CommitState, DatasetKey, DedupePolicy, Origin, Receipt, Submission, TableFile, WriteMode
from chartly.storage.names import APPLICATION, quarantine_application, quarantine_folder, quarantine_id_prefix, table_folder
from chartly.storage.quarantine import status_rows
from chartly.storage.quarantine.payloads import Payloads
from chartly.storage.quarantine.reader import require_sequence
from chartly.storage.quarantine.readmit import Readmission, decide_readmitted
from chartly.storage.quarantine.row_locations import Homes, homes, rehome
from chartly.storage.table.delta_log import Folder
from chartly.storage.table.envelope import bare_schema
from chartly.storage.table.schema import files_only, schema_text

from . import chunk_rows, dataset_rows
from . import rows as commit_rows
from .change import NOBODY, Change
from .chunk import Chunk, Write, after, decide_appended, decide_replaced, read_chunk
from .chunk_files import sweep, write_chunk
from .dataset_rows import DatasetRow
from .failpoints import Point, reached
from .finisher import Finisher
from .receipt import answer
from .rows import Prepared

# Open tables; one holds its list of live files, some hundred bytes each.
_FOLDERS_MAX = 64
# Datasets whose rows in quarantine were looked for once; a name each.
_CHECKED_MAX = 10_000


class Committer:
    """The writer of all datasets of this data directory. The caller gives each dataset one thread at a time (``Lanes``)."""

    def __init__(self, config: Config, metadata: Metadata, clock: Clock, payloads: Payloads, logger: Logger) -> None:
        self._limits = config.limits
        self._metadata = metadata
        self._clock = clock
        self._logger = logger
        self.attach = payloads.attached
        """Adds payloads to a commit's quarantine rows."""
        self.root = config.data_path / "canonical"
        self._expired_root = config.data_path / "expired"
        self._quarantine_checked: OrderedDict[DatasetKey, None] = OrderedDict()  # guarded by _lock
        self.indexes = Indexes(config.data_path / "dedupe", config.limits, logger)
        self._folders: OrderedDict[str, Folder] = OrderedDict()  # guarded by _lock
        self._lock = Lock()
        self._finisher = Finisher(metadata, self.indexes, self.folder, self.quarantine, self._index_content)
        self._maintenance = Maintenance(config.limits, metadata, logger)

    def receipt(self, key: DatasetKey, submission: Submission, mode: WriteMode) -> Receipt | None:
        """Answer a submission whose chunk is committed; None when it is not. Finishes first what was left unfinished."""
        self.recover(key)
        return self.committed(key, submission, mode)[0]

    def committed(self, key: DatasetKey, submission: Submission, mode: WriteMode) -> tuple[Receipt | None, bool]:
        """Look without finishing anything: the receipt if there is one, and whether this very chunk is prepared."""
        with self._metadata.reading() as connection:
            prepared = commit_rows.prepared_of(connection, key)
            if any(each.commit.submission.work_key == submission.work_key for each in prepared):
                return None, True
            committed = self._committed(connection, key, submission.work_key, mode)
            held = dataset_rows.find(connection, key)
        if committed is None:
            return None, False
        retried = committed.submission.submission_id == submission.submission_id
        if mode is WriteMode.REPLACE and not retried and held is not None and held.dataset.version != committed.sequence:
            # The derived dataset has another content by now; the one that is asked for must be written again.
            return None, False
        return answer(committed, submission), False

    @staticmethod
    def _committed(connection: Connection, key: DatasetKey, work_key: str, mode: WriteMode) -> Commit | None:
        """Find the commit of a chunk that the dataset holds, or of a derived dataset's content."""
        if mode is WriteMode.REPLACE:
            return commit_rows.by_work_key(connection, key, work_key)
        chunk = chunk_rows.answering(connection, key, work_key)
        commit = commit_rows.by_sequence(connection, key, chunk.commit_version) if chunk else None
        if chunk is None or commit is None or commit.mode is not WriteMode.REBUILD:
            return commit
        # One commit rebuilt many chunks; each answers for itself.
        submission = replace(commit.submission, work_key=work_key)
        return replace(
            commit, submission=submission, origin=chunk.origin, counts=chunk.counts, reasons=chunk.reasons, chunk_digest=chunk.chunk_digest
        )

    def recover(self, key: DatasetKey) -> None:
        """Finish the dataset's prepared commits, if there are any."""
        with self._metadata.reading() as connection:
            prepared = commit_rows.prepared_of(connection, key)
        if prepared:
            sequence = prepared[-1].commit.sequence
            self._logger.warning("unfinished commit found", dataset=key.dataset, sequence=sequence, chunks=len(prepared))
            self._finisher.finish(prepared, None)

    def commit(self, write: Write) -> Receipt:
        """Commit a chunk, or answer as ``receipt`` does when it is committed.

        Raises:
            StagedFileInvalid, ColumnConflict, ModeConflict: the files don't fit the dataset; nothing was changed.
            DiskFull, StoreUnavailable: try again; whatever was decided will be finished.
            Corrupt: a store is not what it was.
        """
        with translated():
            return self._commit([write])[0]

    def commit_together(self, writes: Sequence[Write]) -> list[Receipt | Exception]:
        """Commit chunks of one dataset that waited together: one after the other in sequence, and each step for all at once.

        When that fails, for whatever chunk's sake, each is committed alone: one that can't be holds up no other. Gives each chunk's receipt
        or failure.
        """
        if len(writes) > 1:
            try:
                with translated():
                    return list(self._commit(writes))
            except Exception as failure:  # noqa: BLE001 - whatever it is, it comes again for the chunk whose it is
                self._logger.warning("chunks are committed alone", dataset=writes[0].key.dataset, chunks=len(writes), exception=failure)
        return [self._outcome(write) for write in writes]

    def _outcome(self, write: Write) -> Receipt | Exception:
        try:
            return self.commit(write)
        except Exception as failure:  # noqa: BLE001 - the chunk's caller gets it
            return failure

    def _commit(self, writes: Sequence[Write]) -> list[Receipt]:
        key, mode = writes[0].key, writes[0].mode
        self.recover(key)
        known = [self.committed(key, write.submission, write.mode)[0] for write in writes]
        fresh = [write for write, receipt in zip(writes, known, strict=True) if receipt is None]
        if not fresh:
            return [receipt for receipt in known if receipt is not None]
        with self._metadata.reading() as connection:
            held = dataset_rows.find(connection, key)
        if held is not None and held.dataset.derived != (mode is WriteMode.REPLACE):
            raise ModeConflict(key.dataset)
        self.check_table(key, held)
        group, chunks = self._prepare(fresh, held)
        committed = iter(self._finisher.finish(group, chunks))
        for write in fresh:
            shutil.rmtree(write.staged.folder, ignore_errors=True)
        reached(Point.STAGING_SWEPT)
        return [receipt or answer(next(committed), write.submission) for write, receipt in zip(writes, known, strict=True)]

    def compact(self, key: DatasetKey) -> bool:
        """Merge small files of the dataset's table and its project's quarantine, where due, a pass each; tells whether to go on."""
        merged = self._maintenance.compact_dataset(key, self.folder(key))
        return self._maintenance.compact_quarantine(key, self.quarantine(key), self._finisher.quarantine_lock) or merged

    def vacuum(self, key: DatasetKey) -> None:
        """Drop files of the dataset's table that only versions past the time-travel window refer to."""
        self._maintenance.vacuum_dataset(key, self.folder(key))

    def unfinished(self) -> list[DatasetKey]:
        """Name all datasets with a prepared commit."""
        with self._metadata.reading() as connection:
            return commit_rows.unfinished(connection)

    def folder(self, key: DatasetKey) -> Folder:
        """Give the dataset's table."""
        return self._folder(table_folder(key))

    def quarantine(self, key: DatasetKey) -> Folder:
        """Give the quarantine table of the dataset's project."""
        return self._folder(quarantine_folder(key.tenant, key.project))

    def close(self) -> None:
        """Close the indexes."""
        self.indexes.close()

    def ensure_index(self, key: DatasetKey, version: int) -> None:
        """Hold the index against the dataset, and rebuild it from the table when it is behind, ahead or broken."""
        if self.indexes.watermark(key) == version:
            return
        folder = self.folder(key)
        paths = folder.paths() if folder.exists() else []
        if version and not paths and folder.sequence(APPLICATION) < version:
            raise Corrupt(f"table {key.dataset}", "its index is behind and the table is gone")
        self.rebuild_index(key, version)

    def rebuild_index(self, key: DatasetKey, version: int) -> None:
        """Build the index anew from what it is derived from."""
        self.indexes.rebuild(key, self._index_content(key), version)

    def readmit(self, readmission: Readmission) -> Commit | None:
        """Commit records that come back from quarantine; None when none of them waits any more.

        Raises:
            as ``commit``.
        """
        with translated():
            return self._readmit(readmission)

    def _readmit(self, readmission: Readmission) -> Commit | None:
        key = readmission.key
        self.recover(key)
        with self._metadata.reading() as connection:
            done = commit_rows.by_work_key(connection, key, readmission.submission.work_key)
            held = dataset_rows.find(connection, key)
            ids = [each.quarantine_id for each in readmission.records]
            statuses = status_rows.find(connection, key.tenant, key.project, ids)
            live = chunk_rows.live(connection, key, readmission.chunk)
        if done is not None or live is None:
            # A chunk that was rebuilt or rolled back meanwhile holds these records no more.
            return done
        if held is None:
            raise DatasetUnknown(key.dataset)
        self.check_table(key, held)
        self.ensure_index(key, held.dataset.version)
        decided = decide_readmitted(readmission, statuses, partial(self._probe, key, held.dataset.version), held.content_state)
        if decided is None:
            return None
        reached(Point.STAGED_READ)
        chunk = decided.chunk
        commit = self._next(held, WriteMode.READMIT, readmission.submission, readmission.origin, chunk)
        commit, changes = write_chunk(commit, chunk, held.policy, self.folder(key), self.quarantine(key), self._limits, self.attach)
        changes = replace(changes, statuses=decided.statuses(commit), events=decided.events(commit))
        prepared = Prepared(commit=commit, changes=changes, policy=held.policy, content_state=chunk.content.state())

        def along(connection: Connection) -> None:
            chunk_rows.recounted(connection, key, commit.sequence, live, commit.counts)

        return self._finisher.finish(self._decided([prepared], along), [chunk])[0]

    def change(self, key: DatasetKey, make: Callable[[DatasetRow, Folder], Change | None]) -> tuple[DatasetRow, Commit | None]:
        """Commit what ``make`` makes of a canonical dataset; gives the dataset before it, and no commit when there is nothing to change.

        Raises:
            DatasetUnknown, ModeConflict: there is none, or it is derived.
            as ``commit``.
        """
        with translated():
            return self._change(key, make)

    def _change(self, key: DatasetKey, make: Callable[[DatasetRow, Folder], Change | None]) -> tuple[DatasetRow, Commit | None]:
        self.recover(key)
        with self._metadata.reading() as connection:
            held = dataset_rows.find(connection, key)
        if held is None:
            raise DatasetUnknown(key.dataset)
        if held.dataset.derived:
            raise ModeConflict(key.dataset)
        self.check_table(key, held)
        folder = self.folder(key)
        change = make(held, folder)
        if change is None:
            return held, None
        reached(Point.STAGED_READ)
        chunk = change.chunk()
        commit = self._next(held, change.mode, change.submission(held), NOBODY, chunk)
        expired: tuple[TableFile, ...] = ()
        if change.mode is WriteMode.RETAIN:
            expired = (write_expired(self.expired_folder(key), change.keys, commit.sequence),)
            reached(Point.EXPIRED_WRITTEN)
        changes = Changes(
            schema=schema_text(files_only(folder.schema()) or bare_schema()),
            partition_columns=folder.partition_columns(),
            added=change.added,
            removed=change.removed,
            expired=expired,
            events=change.events(commit, held),
        )
        prepared = Prepared(commit=commit, changes=changes, policy=held.policy, content_state=change.content.state())
        return held, self._finisher.finish(self._decided([prepared]), [chunk])[0]

    def last_policy(self, key: DatasetKey) -> DedupePolicy:
        """Tell the dedupe policy that the dataset was last written with."""
        with self._metadata.reading() as connection:
            return commit_rows.last_policy(connection, key)

    def _next(self, held: DatasetRow, mode: WriteMode, submission: Submission, origin: Origin, chunk: Chunk) -> Commit:
        """The next commit of a dataset that is there."""
        return Commit(
            key=held.dataset.key,
            sequence=held.dataset.version + 1,
            state=CommitState.PREPARED,
            mode=mode,
            submission=submission,
            origin=origin,
            storage=held.dataset.storage,
            counts=chunk.counts,
            reasons={},
            chunk_digest=chunk.digest,
            content_hash=f"sha256:{chunk.content.hexdigest()}",
            rows=held.dataset.rows + chunk.rows_added,
            delta_version=-1,
            committed_at=self._clock.now(),
        )

    def _index_content(self, key: DatasetKey, changes: Changes | None = None) -> Keys:
        """What the index of a dataset holds, of its table as it is and of keys that are gone."""
        with self._metadata.reading() as connection:
            names = expired_rows.paths(connection, key)
        names += [file.path for file in (changes.expired if changes else ()) if file.path not in names]
        folder = self.folder(key)
        return index_content([self.expired_folder(key) / name for name in names], folder.paths() if folder.exists() else [])

    def expired_folder(self, key: DatasetKey) -> Path:
        """Where the keys lie that retention took out."""
        return self._expired_root / key.path

    def check_table(self, key: DatasetKey, held: DatasetRow | None) -> None:
        """Hold the table against the metadata database.

        Raises:
            Corrupt: it is at another commit.
        """
        version = held.dataset.version if held else 0
        in_table = self.folder(key).sequence(APPLICATION)
        if in_table != version:
            raise Corrupt(f"table {key.dataset}", f"holds commit {in_table}, the metadata database {version}")
        self._check_quarantine(key, version)

    def _check_quarantine(self, key: DatasetKey, version: int) -> None:
        """Hold the quarantine table against the metadata database, at a dataset's first commit of the process: it reads all chunks."""
        with self._lock:
            if not version or key in self._quarantine_checked:
                return
        with self._metadata.reading() as connection:
            told = chunk_rows.last_held_back(connection, key.tenant, key.project, {key.dataset: version})
        if told:
            with self._finisher.quarantine_lock:
                held = self.quarantine(key).sequence(quarantine_application(key.dataset))
            require_sequence(key.dataset, held, told[key.dataset])
        with self._lock:
            self._quarantine_checked[key] = None
            while len(self._quarantine_checked) > _CHECKED_MAX:
                self._quarantine_checked.popitem(last=False)

    def _decide(self, write: Write, held: DatasetRow | None, before: Sequence[Chunk]) -> Chunk:
        if write.mode is WriteMode.REPLACE:
            return decide_replaced(write.staged)
        version = held.dataset.version if held else 0
        self.ensure_index(write.key, version)
        probe = after(before, partial(self._probe, write.key, version))
        accepted, rejected = read_chunk(write.staged, write.origin)
        state = before[-1].content.state() if before else held.content_state if held else b""
        return decide_appended(accepted, rejected, write.origin, probe, state)

    def _probe(self, key: DatasetKey, version: int, keys: "pa.Array") -> "pa.Array":
        try:
            return self.indexes.probe(key, keys)
        except native.IndexDamaged as broken:
            self._logger.warning("dedupe index broken", dataset=key.dataset, problem=str(broken))
            self.indexes.reset(key)
            self.ensure_index(key, version)
            return self.indexes.probe(key, keys)

    def _prepare(self, writes: Sequence[Write], held: DatasetRow | None) -> tuple[list[Prepared], list[Chunk]]:
        """Decide chunks, each after those before it, write their files, and prepare their rows; nothing is left behind when one fails."""
        group: list[Prepared] = []
        chunks: list[Chunk] = []
        try:
            for write in writes:
                chunk = self._decide(write, held, chunks)
                reached(Point.STAGED_READ)
                group.append(self._written(write, held, chunk, group[-1] if group else None))
                chunks.append(chunk)
        except BaseException:
            for prepared in group:
                self._sweep(prepared.commit.key, prepared.changes, prepared.commit.mode)
            raise
        return self._decided(group), chunks

    def _written(self, write: Write, held: DatasetRow | None, chunk: Chunk, before: Prepared | None) -> Prepared:
        """Write the files of a decided chunk; it comes after ``before``, or after what the dataset holds."""
        key, appends = write.key, write.mode is WriteMode.APPEND
        version, rows = (held.dataset.version, held.dataset.rows) if held else (0, 0)
        if before is not None:
            version, rows = before.commit.sequence, before.commit.rows
        commit = Commit(
            key=key,
            sequence=version + 1,
            state=CommitState.PREPARED,
            mode=write.mode,
            submission=write.submission,
            origin=write.origin,
            storage=write.storage,
            counts=chunk.counts,
            reasons={},
            chunk_digest=chunk.digest,
            accepted_digest=chunk.accepted_digest,
            rejected_digest=chunk.rejected_digest,
            content_hash=f"sha256:{chunk.content.hexdigest()}",
            rows=(rows if appends else 0) + chunk.rows_added,
            delta_version=-1,
            committed_at=self._clock.now(),
        )
        table, quarantine = self.folder(key), self.quarantine(key)
        earlier = before.changes if before is not None else None
        commit, changes = write_chunk(commit, chunk, write.policy, table, quarantine, self._limits, self.attach, earlier)
        return Prepared(commit=commit, changes=changes, policy=write.policy, content_state=chunk.content.state() if appends else b"")

    def _decided(self, group: list[Prepared], along: Callable[[Connection], None] | None = None) -> list[Prepared]:
        """Decide commits whose files are durable, and what is to change along with them; files of those not decided are deleted."""
        try:
            reached(Point.FILES_DURABLE)
            again = self._again(group)
            with self._metadata.writing() as connection:
                for prepared, found in zip(group, again, strict=True):
                    commit_rows.prepare(connection, prepared)
                    rehome(connection, prepared.commit.key, found)
                if along is not None:
                    along(connection)
        except BaseException:
            for prepared in group:
                self._sweep(prepared.commit.key, prepared.changes, prepared.commit.mode)
            raise
        reached(Point.ROW_PREPARED)
        return group

    def _again(self, group: Sequence[Prepared]) -> list[Homes]:
        """Find the records of appended chunks on which somebody acted before they were rolled back: their ids come again with them."""
        key = group[0].commit.key
        held_back = {each.commit.submission.work_key for each in group if each.commit.mode is WriteMode.APPEND and each.changes.quarantined}
        if not held_back:
            return [{} for _ in group]
        with self._metadata.reading() as connection:
            again = {quarantine_id_prefix(each) for each in held_back if chunk_rows.came(connection, key, each)}
            acted_on = status_rows.ids(connection, key) if again else []
        quarantine = self.quarantine(key).path
        found: list[Homes] = []
        for prepared in group:
            prefix = quarantine_id_prefix(prepared.commit.submission.work_key)
            mine = [each for each in acted_on if each.startswith(prefix)] if prefix in again else []
            found.append(homes(key, mine, [quarantine / file.path for file in prepared.changes.quarantined]))
        return found

    def carry_out(self, prepared: Prepared, along: Callable[[Connection], None]) -> Commit:
        """Decide and finish a commit whose files are durable; ``along`` changes rows in the transaction that decides."""
        return self._finisher.finish(self._decided([prepared], along), None)[0]

    def _sweep(self, key: DatasetKey, changes: Changes, mode: WriteMode) -> None:
        """Delete the files of a commit that was not decided; kept when nobody can tell, for then they may be needed."""
        with self._metadata.reading() as connection:
            if commit_rows.prepared_of(connection, key):
                return
        # A rollback adds files that older versions hold: they are not this commit's to delete.
        if mode is not WriteMode.RESTORE:
            sweep(self.folder(key).path, changes.added)
        sweep(self.quarantine(key).path, changes.quarantined)
        sweep(self.expired_folder(key), changes.expired)

    def _folder(self, name: str) -> Folder:
        with self._lock:
            if name not in self._folders:
                self._folders[name] = Folder(self.root / name)
            self._folders.move_to_end(name)
            while len(self._folders) > _FOLDERS_MAX:
                self._folders.popitem(last=False)
            return self._folders[name]
