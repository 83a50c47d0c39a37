"""Commits chunks exactly once: reads, decides, writes files, decides in the metadata database, finishes. Blocking; one thread a dataset.

``domain/protocol.py`` tells the steps, ``points.py`` names the places between them. Whatever fails after the row is prepared leaves the
row, and the next call on the dataset finishes it: nothing is ever rolled back, and nothing that was not decided is visible.
"""

import shutil
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from msgspec.structs import replace
from sqlalchemy import Connection

from chartly.platform.clock import Clock
from chartly.platform.config import Config
from chartly.platform.metadata import Metadata
from chartly.platform.telemetry.log import Logger
from chartly.storage.domain.model import (
    Changes,
    Commit,
    CommitState,
    DatasetKey,
    Receipt,
    Submission,
    WriteMode,
)
from chartly.storage.domain.names import APPLICATION, quarantine_folder, table_folder
from chartly.storage.domain.receipt import answer
from chartly.storage.errors import Corrupt, ModeConflict
from chartly.storage.store import chunk_rows, commit_rows, dataset_rows
from chartly.storage.store.commit_rows import Prepared
from chartly.storage.store.dataset_rows import DatasetRow
from chartly.storage.store.dedupe import Indexes
from chartly.storage.store.delta import Folder
from chartly.storage.store.files import translated
from chartly.storage.store.keys import table_keys

from .chunk import Chunk, Write, decide_appended, decide_replaced
from .finish import Finisher
from .maintenance import Maintenance
from .points import Point, reached
from .write import sweep, write_chunk

if TYPE_CHECKING:
    import pyarrow as pa

# Open tables; one holds its list of live files, some hundred bytes each.
_FOLDERS_MAX = 64


class Committer:
    """The writer of all datasets of this data directory. The caller gives each dataset one thread at a time (``Lanes``)."""

    def __init__(self, config: Config, metadata: Metadata, clock: Clock, logger: Logger) -> None:
        self._limits = config.limits
        self._metadata = metadata
        self._clock = clock
        self._logger = logger
        self.root = config.data_path / "canonical"
        self.indexes = Indexes(config.data_path / "dedupe", config.limits, logger)
        self._folders: OrderedDict[str, Folder] = OrderedDict()  # guarded by _lock
        self._lock = Lock()
        self._finisher = Finisher(metadata, self.indexes, self.folder, self.quarantine)
        self._maintenance = Maintenance(config.limits, metadata, logger)

    def receipt(self, key: DatasetKey, submission: Submission, mode: WriteMode) -> Receipt | None:
        """Answer a submission whose chunk is committed; None when it is not. Finishes first what was left unfinished."""
        self.recover(key)
        return self.committed(key, submission, mode)[0]

    def committed(self, key: DatasetKey, submission: Submission, mode: WriteMode) -> tuple[Receipt | None, bool]:
        """Look without finishing anything: the receipt if there is one, and whether this very chunk is prepared."""
        with self._metadata.reading() as connection:
            prepared = commit_rows.prepared_of(connection, key)
            if prepared is not None and prepared.commit.submission.work_key == submission.work_key:
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
        """Finish the dataset's prepared commit, if there is one."""
        with self._metadata.reading() as connection:
            prepared = commit_rows.prepared_of(connection, key)
        if prepared is not None:
            self._logger.warning("unfinished commit found", dataset=key.dataset, sequence=prepared.commit.sequence)
            self._finisher.finish(prepared, None)

    def commit(self, write: Write) -> Receipt:
        """Commit a chunk, or answer as ``receipt`` does when it is committed.

        Raises:
            StagedFileInvalid, ColumnConflict, ModeConflict: the files don't fit the dataset; nothing was changed.
            DiskFull, StoreUnavailable: try again; whatever was decided will be finished.
            Corrupt: a store is not what it was.
        """
        with translated():
            return self._commit(write)

    def _commit(self, write: Write) -> Receipt:
        known = self.receipt(write.key, write.submission, write.mode)
        if known is not None:
            return known
        with self._metadata.reading() as connection:
            held = dataset_rows.find(connection, write.key)
        if held is not None and held.dataset.derived != (write.mode is WriteMode.REPLACE):
            raise ModeConflict(write.key.dataset)
        self.check_table(write.key, held)
        chunk = self._decide(write, held)
        reached(Point.STAGED_READ)
        committed = self._finisher.finish(self._prepare(write, held, chunk), chunk)
        shutil.rmtree(write.staged.folder, ignore_errors=True)
        reached(Point.STAGING_SWEPT)
        return answer(committed, write.submission)

    def compact(self, key: DatasetKey) -> None:
        """Merge small files of the dataset's table and its project's quarantine, where that is due."""
        self._maintenance.compact_dataset(key, self.folder(key))
        self._maintenance.compact_quarantine(key, self.quarantine(key), self._finisher.quarantine_lock)

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
        self.indexes.rebuild(key, table_keys(paths), version)

    def check_table(self, key: DatasetKey, held: DatasetRow | None) -> None:
        """Hold the table against the metadata database.

        Raises:
            Corrupt: it is at another commit.
        """
        version = held.dataset.version if held else 0
        in_table = self.folder(key).sequence(APPLICATION)
        if in_table != version:
            raise Corrupt(f"table {key.dataset}", f"holds commit {in_table}, the metadata database {version}")

    def _decide(self, write: Write, held: DatasetRow | None) -> Chunk:
        if write.mode is WriteMode.REPLACE:
            return decide_replaced(write.staged)
        version = held.dataset.version if held else 0
        self.ensure_index(write.key, version)
        probe = partial(self._probe, write.key, version)
        return decide_appended(write.staged, write.origin, probe, held.content_state if held else b"")

    def _probe(self, key: DatasetKey, version: int, keys: "pa.Array") -> "pa.Array":
        from chartly.native import IndexDamaged  # noqa: PLC0415 - the compiled core, at first use

        try:
            return self.indexes.probe(key, keys)
        except IndexDamaged as broken:
            self._logger.warning("dedupe index broken", dataset=key.dataset, problem=str(broken))
            self.indexes.reset(key)
            self.ensure_index(key, version)
            return self.indexes.probe(key, keys)

    def _prepare(self, write: Write, held: DatasetRow | None, chunk: Chunk) -> Prepared:
        key, appends = write.key, write.mode is WriteMode.APPEND
        commit = Commit(
            key=key,
            sequence=(held.dataset.version if held else 0) + 1,
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
            rows=(held.dataset.rows if held and appends else 0) + chunk.rows_added,
            delta_version=-1,
            committed_at=self._clock.now(),
        )
        commit, changes = write_chunk(commit, chunk, write.policy, self.folder(key), self.quarantine(key), self._limits)
        state = chunk.content.state() if appends else b""
        return self._decided(Prepared(commit=commit, changes=changes, policy=write.policy, content_state=state))

    def _decided(self, prepared: Prepared, along: Callable[[Connection], None] | None = None) -> Prepared:
        """Decide a commit whose files are durable, and what is to change along with it; files of one that is not decided are deleted."""
        key, changes = prepared.commit.key, prepared.changes
        try:
            reached(Point.FILES_DURABLE)
            with self._metadata.writing() as connection:
                commit_rows.prepare(connection, prepared)
                if along is not None:
                    along(connection)
        except BaseException:
            self._sweep(key, changes, prepared.commit.mode)
            raise
        reached(Point.ROW_PREPARED)
        return prepared

    def carry_out(self, prepared: Prepared, along: Callable[[Connection], None]) -> Commit:
        """Decide and finish a commit whose files are durable; ``along`` changes rows in the transaction that decides."""
        return self._finisher.finish(self._decided(prepared, along), None)

    def _sweep(self, key: DatasetKey, changes: Changes, mode: WriteMode) -> None:
        """Delete the files of a commit that was not decided; kept when nobody can tell, for then they may be needed."""
        with self._metadata.reading() as connection:
            if commit_rows.prepared_of(connection, key) is not None:
                return
        # A rollback adds files that older versions hold: they are not this commit's to delete.
        if mode is not WriteMode.RESTORE:
            sweep(self.folder(key).path, changes.added)
        sweep(self.quarantine(key).path, changes.quarantined)

    def _folder(self, name: str) -> Folder:
        with self._lock:
            if name not in self._folders:
                self._folders[name] = Folder(self.root / name)
            self._folders.move_to_end(name)
            while len(self._folders) > _FOLDERS_MAX:
                self._folders.popitem(last=False)
            return self._folders[name]
