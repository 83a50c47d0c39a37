"""Rolls a dataset back: commits a new version with the files, chunks and content hash of an older one. Blocking; under the dataset's lock.

No record is written: files that are still on disk are added to the table again. The snapshot retention limits how old the version may be.
"""

from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import Connection

from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.metadata import Metadata
from chartly.platform.outbox import Event
from chartly.storage.commit import chunk_rows, dataset_rows
from chartly.storage.commit import rows as commit_rows
from chartly.storage.commit.committer import Committer
from chartly.storage.commit.dataset_rows import DatasetRow
from chartly.storage.commit.rows import Prepared
from chartly.storage.durable_files import make_folder, translated
from chartly.storage.errors import DatasetDerived, DatasetUnknown, VersionUnknown
from chartly.storage.model import Changes, Commit, CommitState, DatasetKey, Origin, Submission, TableFile, WriteMode
from chartly.storage.quarantine import status_rows
from chartly.storage.quarantine.row_locations import locate_rows
from chartly.storage.table.keys import table_keys
from chartly.storage.table.schema import files_only, schema_text
from chartly.storage.table.version_files import files_of

from . import events as reprocess_events
from .key_difference import KeyDifference, key_difference
from .model import restore_work_key


@dataclass(frozen=True)
class Restored:
    """What a rollback did, or would do with ``dry_run``."""

    base: DatasetRow
    target: Commit
    version: int
    difference: KeyDifference


class Rollbacks:
    """Rolls datasets back. The caller gives each dataset one thread at a time (``DatasetLocks``)."""

    def __init__(self, committer: Committer, metadata: Metadata, clock: Clock, limits: Limits, scratch: Path) -> None:
        self._committer = committer
        self._metadata = metadata
        self._clock = clock
        self._limits = limits
        self._scratch = scratch

    def restore(self, key: DatasetKey, version: int, principal: str, *, dry_run: bool) -> Restored:
        """Commit a new version with the content of ``version``. Commits nothing with ``dry_run``, or if the last version has that content.

        Raises:
            DatasetUnknown, VersionUnknown: the version does not exist, or its files were deleted.
            DatasetDerived: the dataset is a rollup's output.
            Corrupt: the files' records don't have the version's content hash.
        """
        with translated():
            self._committer.recover(key)
            with self._metadata.reading() as connection:
                held = dataset_rows.find(connection, key)
                if held is None:
                    raise DatasetUnknown(key.dataset)
                if held.dataset.derived:
                    raise DatasetDerived(key.dataset)
                head = commit_rows.by_sequence(connection, key, held.dataset.version)
                target = commit_rows.by_sequence(connection, key, version)
            if target is None or head is None:
                raise VersionUnknown(key.dataset, version)
            same = head.sequence == version or (head.mode is WriteMode.RESTORE and head.submission.submission_id == _submission_id(version))
            if same:
                return Restored(held, target, head.sequence, KeyDifference())
            return self._restore(held, target, principal, dry_run=dry_run)

    def _restore(self, held: DatasetRow, target: Commit, principal: str, *, dry_run: bool) -> Restored:
        key = held.dataset.key
        self._committer.stores.check(key, held)
        table = self._committer.stores.table(key)
        wanted = files_of(table.path, target)
        live = {file.path for file in table.live_files()}
        added = [file for path, file in sorted(wanted.items()) if path not in live]
        removed = sorted(live - wanted.keys())
        going, coming = [table.path / path for path in removed], [table.path / file.path for file in added]
        with translated():
            make_folder(self._scratch)
        difference = key_difference(self._scratch, going, coming, self._limits.reprocess_memory_bytes)
        state = reprocess_events.content_state(held, table_keys(going), table_keys(coming), target.content_hash)
        if dry_run:
            return Restored(held, target, held.dataset.version, difference)
        with self._metadata.reading() as connection:
            counts = chunk_rows.totals(connection, key, target.sequence)
            acted_on = status_rows.ids(connection, key)
            relabelled = tuple(chunk_rows.ended_after(connection, key, target.sequence))
        quarantine = self._committer.stores.quarantine_table(key)
        found = locate_rows(key, acted_on, quarantine.paths() if acted_on else [])
        commit = Commit(
            key=key,
            sequence=held.dataset.version + 1,
            state=CommitState.PREPARED,
            mode=WriteMode.RESTORE,
            submission=Submission(
                work_key=restore_work_key(key.dataset, target.sequence, held.dataset.version),
                submission_id=_submission_id(target.sequence),
            ),
            origin=Origin(),
            storage=held.dataset.storage,
            counts=counts,
            reasons={},
            chunk_digest=target.chunk_digest,
            content_hash=target.content_hash,
            rows=target.rows,
            delta_version=-1,
            committed_at=self._clock.now(),
        )
        event = reprocess_events.rolled_back(commit, held, target, principal)
        changes = replace(self._changes(key, added, removed, event), relabelled_chunks=relabelled)
        prepared = Prepared(commit=commit, changes=changes, policy=held.policy, content_state=state)

        def change_rows(connection: Connection) -> None:
            chunk_rows.restore(connection, key, commit.sequence, target.sequence)
            status_rows.restore(connection, key, commit.sequence, target.sequence)

        done = self._committer.decide_and_finish(prepared, change_rows=change_rows, locations=found)
        return Restored(held, target, done.sequence, difference)

    def _changes(self, key: DatasetKey, added: list[TableFile], removed: list[str], event: Event) -> Changes:
        table = self._committer.stores.table(key)
        schema = files_only(table.schema())
        if schema is None:
            raise VersionUnknown(key.dataset, 0)
        return Changes(
            schema=schema_text(schema),
            partition_columns=table.partition_columns(),
            added=tuple(added),
            removed=tuple(removed),
            events=(event,),
        )


def _submission_id(version: int) -> str:
    return f"restore/{version}"
