"""Commits to datasets exactly once: recover, decide, prepare, finish. Blocking; one thread a dataset.

A commit goes through these steps (``protocol.py`` has the picture, ``failpoints.py`` names the places between them):

1. Finish what a former call left prepared (``recover``).
2. Decide each record and write all files, durably (``preparer.py`` for chunks; other rooms do this themselves).
3. Insert the commit's row as prepared. In this transaction the commit is decided.
4. Finish it: quarantine table, table, dedupe index, rows (``finisher.py``).

Before step 3 a failure leaves nothing behind. After it, the next call on the dataset finishes the commit. A commit that can't be finished
blocks its dataset alone, until an operator sets it aside (``set_aside.py``).
Other rooms write a version of their own (readmission, repair, retention, reprocess, rollback) through ``decide_and_finish``.
"""

import shutil
from collections.abc import Callable, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from chartly.platform import outbox
from chartly.platform.clock import Clock
from chartly.platform.config import Config
from chartly.platform.errors import ChartlyError
from chartly.platform.metadata import Metadata
from chartly.platform.telemetry.log import Logger
from chartly.storage import tables
from chartly.storage.dedupe.decide import DecidedChunk
from chartly.storage.durable_files import translated
from chartly.storage.errors import CommitUnfinished, ModeConflict
from chartly.storage.model import Commit, DatasetKey, Receipt, Submission, WriteMode
from chartly.storage.table.data_files import delete_files

from . import dataset_rows
from . import rows as commit_rows
from .chunk import Write
from .chunk_files import ChunkWriter
from .dataset_rows import DatasetRow
from .failpoints import CommitFailpoint, reached
from .finisher import Finisher
from .preparer import Preparer
from .quarantine_hooks import QuarantineHooks, RowLocations
from .receipt import answer
from .receipts import find_receipt
from .rows import Prepared
from .set_aside import SetAsideCommits
from .stores import DatasetStores

# A cause is part of an error and of a ledger event.
_CAUSE_CHARS_MAX = 500

ChangeRows = Callable[[Connection], None]
"""Changes rows in the transaction that decides a commit."""


class Committer:
    """The writer of all datasets of this data directory. The caller runs one call a dataset at a time."""

    def __init__(
        self, config: Config, metadata: Metadata, clock: Clock, hooks: QuarantineHooks, logger: Logger, notify: Callable[[], None]
    ) -> None:
        self._limits = config.limits
        self._metadata = metadata
        self._logger = logger
        self.hooks = hooks
        self.stores = DatasetStores(config, metadata, clock, logger)
        self.writer = ChunkWriter(self.stores, hooks, config.limits)
        self._preparer = Preparer(self.stores, self.writer, clock)
        self._finisher = Finisher(metadata, self.stores, hooks, notify)
        self._set_aside = SetAsideCommits(metadata, self.stores, hooks, clock, logger)

    def receipt(self, key: DatasetKey, submission: Submission, mode: WriteMode) -> Receipt | None:
        """Return the receipt of a chunk that is committed; None if it is not. Prepared commits are finished first."""
        self.recover(key)
        return self.committed(key, submission, mode)[0]

    def committed(self, key: DatasetKey, submission: Submission, mode: WriteMode) -> tuple[Receipt | None, bool]:
        """Return the receipt of a chunk, if any, and whether the chunk is prepared. Finishes nothing, so it needs no dataset lock."""
        with self._metadata.reading() as connection:
            return find_receipt(connection, key, submission, mode)

    def unfinished(self) -> list[DatasetKey]:
        """Return all datasets with a prepared commit."""
        with self._metadata.reading() as connection:
            return commit_rows.unfinished(connection)

    def recover(self, key: DatasetKey) -> None:
        """Finish the dataset's prepared commits, if there are any."""
        with self._metadata.reading() as connection:
            prepared = commit_rows.prepared_of(connection, key)
        if prepared:
            sequence = prepared[-1].commit.sequence
            self._logger.warning("unfinished commit found", dataset=key.dataset, sequence=sequence, chunks=len(prepared))
            self._finish(prepared, None)

    def commit(self, write: Write) -> Receipt:
        """Commit a chunk, or return its receipt if it is committed. Its staged files are deleted, unless it fails.

        Raises:
            StagedFileInvalid, ColumnConflict, ColumnCaseConflict, ModeConflict: the files don't fit the dataset; nothing was changed.
            RetentionColumnInvalid: the policy counts retention from a column without points in time; nothing was changed.
            DiskFull, StoreUnavailable: the commit may be retried. If it was decided, the retry finishes it.
            Corrupt: a store does not hold what was written to it.
        """
        with translated():
            return self._commit([write])[0]

    def commit_together(self, writes: Sequence[Write]) -> list[Receipt | Exception]:
        """Commit several chunks of one dataset as a group: each has a version of its own, and each step is done for all at once.

        If the group fails, each chunk is committed alone, so that the failing chunk's error reaches its own caller only. Returns each
        chunk's receipt or error.
        """
        if len(writes) > 1:
            try:
                with translated():
                    return list(self._commit(writes))
            except Exception as failure:  # noqa: BLE001 - the chunk that caused it fails again below, and its caller gets the error
                self._logger.warning("chunks are committed alone", dataset=writes[0].key.dataset, chunks=len(writes), exception=failure)
        return [self._outcome(write) for write in writes]

    def decide_and_finish(
        self,
        prepared: Prepared,
        *,
        chunk: DecidedChunk | None = None,
        change_rows: ChangeRows | None = None,
        locations: RowLocations | None = None,
    ) -> Commit:
        """Commit a change whose files are written and durable: the generic entry for rooms that write a version of their own.

        Args:
            prepared: the commit with all that finishing it needs.
            chunk: the keys that the dedupe index takes; None to read them from the files.
            change_rows: changes rows of the caller's own in the transaction that decides the commit.
            locations: rows of the quarantine table that statuses move to, in the same transaction.
        """
        group = self._decide([prepared], change_rows, locations)
        return self._finish(group, None if chunk is None else [chunk])[0]

    def set_aside(self, key: DatasetKey, principal: str, justification: str) -> tuple[Commit, ...]:
        """Set the dataset's prepared commits aside, if they can't be finished; return them, none if they could.

        Raises:
            Corrupt: a store holds neither the version before the commits nor the one after; nothing was changed.
            DiskFull, StoreUnavailable: may be retried.
        """
        with translated():
            try:
                self.recover(key)
            except CommitUnfinished as refused:
                cause = refused.cause
            except ChartlyError as refused:
                cause = refused.message
            else:
                return ()
            self._logger.warning("commit set aside", dataset=key.dataset, cause=cause, principal=principal)
            return self._set_aside.set_aside(key, cause, principal, justification)

    def close(self) -> None:
        """Close the stores."""
        self.stores.close()

    def _outcome(self, write: Write) -> Receipt | Exception:
        try:
            return self.commit(write)
        except Exception as failure:  # noqa: BLE001 - returned to the chunk's caller
            return failure

    def _commit(self, writes: Sequence[Write]) -> list[Receipt]:
        key, mode = writes[0].key, writes[0].mode
        self.recover(key)
        known = [self.committed(key, write.submission, write.mode)[0] for write in writes]
        fresh = [write for write, receipt in zip(writes, known, strict=True) if receipt is None]
        if not fresh:
            _delete_staged(writes)
            return [receipt for receipt in known if receipt is not None]
        with self._metadata.reading() as connection:
            held = dataset_rows.find(connection, key)
        if held is not None and held.dataset.derived != (mode is WriteMode.REPLACE):
            raise ModeConflict(key.dataset)
        self.stores.check(key, held)
        group, chunks = self._prepare(fresh, held)
        committed = iter(self._finish(self._decide(group), chunks))
        _delete_staged(writes)
        reached(CommitFailpoint.STAGING_SWEPT)
        return [receipt or answer(next(committed), write.submission) for write, receipt in zip(writes, known, strict=True)]

    def _prepare(self, writes: Sequence[Write], held: DatasetRow | None) -> tuple[list[Prepared], list[DecidedChunk]]:
        """Prepare each chunk after those before it. If one fails, the files of all are deleted."""
        group: list[tuple[Prepared, DecidedChunk]] = []
        try:
            for write in writes:
                group.append(self._preparer.prepare(write, held, group))
        except BaseException:
            self._delete_files([prepared for prepared, _ in group])
            raise
        return [prepared for prepared, _ in group], [chunk for _, chunk in group]

    def _finish(self, group: Sequence[Prepared], chunks: Sequence[DecidedChunk] | None) -> tuple[Commit, ...]:
        try:
            return self._finisher.finish(group, chunks)
        except (ChartlyError, OSError, SQLAlchemyError):
            raise
        except Exception as failure:
            # The libraries raise errors of many types, some of them a bare Exception. A further try may end the same way.
            commit = group[-1].commit
            cause = f"{type(failure).__name__}: {failure}"[:_CAUSE_CHARS_MAX]
            command = f"chartly dataset set-aside {commit.key.dataset}"
            raise CommitUnfinished(commit.key.dataset, commit.sequence, cause, command) from failure

    def _decide(
        self, group: list[Prepared], change_rows: ChangeRows | None = None, locations: RowLocations | None = None
    ) -> list[Prepared]:
        """Insert the rows of commits whose files are durable, in one transaction. If it fails, their files are deleted."""
        try:
            reached(CommitFailpoint.FILES_DURABLE)
            key = group[0].commit.key
            quarantine = self.stores.quarantine_table(key).path
            files = {
                each.commit.submission.work_key: [quarantine / file.path for file in each.changes.quarantined]
                for each in group
                if each.commit.mode is WriteMode.APPEND and each.changes.quarantined
            }
            locations = locations or (self.hooks.locate_reappearing(key, files) if files else {})
            with self._metadata.writing() as connection:
                outbox.admit(connection, tables.outbox, self._limits)
                if locations:
                    moved = self.hooks.locations(connection, key, locations)
                    group[-1] = replace(group[-1], changes=replace(group[-1].changes, moved_statuses=moved))
                for prepared in group:
                    commit_rows.prepare(connection, prepared)
                if change_rows is not None:
                    change_rows(connection)
                self.hooks.relocate_statuses(connection, key, locations)
        except BaseException:
            self._delete_files(group)
            raise
        reached(CommitFailpoint.ROW_PREPARED)
        return group

    def _delete_files(self, group: Sequence[Prepared]) -> None:
        """Delete the files of commits that were not decided. If a prepared row is there, the transaction may have succeeded: keep them."""
        for prepared in group:
            key, changes = prepared.commit.key, prepared.changes
            with self._metadata.reading() as connection:
                if commit_rows.prepared_of(connection, key):
                    return
            # A rollback adds files that older versions hold. They stay.
            if prepared.commit.mode is not WriteMode.RESTORE:
                delete_files(self.stores.table(key).path, changes.added)
            delete_files(self.stores.quarantine_table(key).path, changes.quarantined)
            delete_files(self.stores.expired_folder(key), changes.expired)


def _delete_staged(writes: Sequence[Write]) -> None:
    for write in writes:
        shutil.rmtree(write.staged.folder, ignore_errors=True)
