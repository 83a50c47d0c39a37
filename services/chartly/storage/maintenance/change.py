"""Changes that storage makes to a dataset by itself: retention removes expired records, repair makes the dataset agree with its table.

A change brings no new records. ``commit_change`` commits it as a new version of the dataset.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartly.platform.clock import Clock
from chartly.platform.metadata import Metadata
from chartly.storage.commit import dataset_rows
from chartly.storage.commit.committer import Committer
from chartly.storage.commit.dataset_rows import DatasetRow
from chartly.storage.commit.failpoints import CommitFailpoint, reached
from chartly.storage.commit.preparer import next_commit
from chartly.storage.commit.rows import Prepared
from chartly.storage.dedupe.decide import DecidedChunk
from chartly.storage.dedupe.index_content import write_expired
from chartly.storage.durable_files import translated
from chartly.storage.errors import DatasetUnknown, ModeConflict
from chartly.storage.model import Changes, Commit, Counts, DatasetKey, Origin, Submission, TableFile, WriteMode
from chartly.storage.table.data_files import deleted_on_failure
from chartly.storage.table.delta_table import LocalDeltaTable
from chartly.storage.table.digests import chunk_digest, no_digests
from chartly.storage.table.envelope import bare_schema
from chartly.storage.table.schema import files_only, schema_text

if TYPE_CHECKING:
    from chartly.storage.arrow import native, pa


@dataclass(frozen=True, kw_only=True)
class DatasetChange:
    """A new version of a dataset without new records: rows are removed, or what is derived from the rows is corrected."""

    mode: WriteMode
    keys: "pa.Array"
    """Keys of the rows that are removed."""
    index_ids: "pa.Array"
    """Record ids that the dedupe index holds for these keys from then on."""
    added: tuple[TableFile, ...]
    removed: tuple[str, ...]
    rows_added: int
    """By how many rows the dataset's row count changes; negative if it shrinks."""
    content: "native.ContentHash"
    """The dataset's content hash after the change."""
    facts: Mapping[str, Any]
    """Further details of the ledger's event."""
    principal: str

    def chunk(self) -> DecidedChunk:
        """Return the change in the form that a commit takes."""
        return DecidedChunk(
            keys=self.keys,
            record_ids=self.index_ids,
            replaced_keys=no_digests(),
            counts=Counts(),
            rows_added=self.rows_added,
            digest=chunk_digest(no_digests()),
            content=self.content,
        )

    def submission(self, held: DatasetRow) -> Submission:
        """Return the submission. The same change of the same version has the same work key."""
        key = held.dataset.key
        work = hashlib.sha256(f"{self.mode}/{key.path}/{held.dataset.version}".encode()).hexdigest()
        return Submission(work_key=work, submission_id=work)

    def ledger_facts(self, held: DatasetRow) -> dict[str, Any]:
        """Return what the ledger records of the change: its own facts and the version before it."""
        return {"previous_version": held.dataset.version, "previous_content_hash": held.dataset.content_hash, **self.facts}


class ChangeCommitter:
    """Commits changes. Blocking; the caller holds the dataset's lock."""

    def __init__(self, committer: Committer, metadata: Metadata, clock: Clock) -> None:
        self._committer = committer
        self._metadata = metadata
        self._clock = clock

    def commit(
        self, key: DatasetKey, make: Callable[[DatasetRow, LocalDeltaTable], DatasetChange | None]
    ) -> tuple[DatasetRow, Commit | None]:
        """Commit the change that ``make`` returns for a canonical dataset.

        Returns the dataset as it was before, and the commit; no commit if ``make`` returns None.

        Raises:
            DatasetUnknown, ModeConflict: the dataset does not exist, or is derived.
            DiskFull, StoreUnavailable: may be retried.
            Corrupt: a store does not hold what was written to it.
        """
        with translated():
            self._committer.recover(key)
            with self._metadata.reading() as connection:
                held = dataset_rows.find(connection, key)
            if held is None:
                raise DatasetUnknown(key.dataset)
            if held.dataset.derived:
                raise ModeConflict(key.dataset)
            self._committer.stores.check(key, held)
            table = self._committer.stores.table(key)
            change = make(held, table)
            if change is None:
                return held, None
            reached(CommitFailpoint.STAGED_READ)
            return held, self._commit(held, table, change)

    def _commit(self, held: DatasetRow, table: LocalDeltaTable, change: DatasetChange) -> Commit:
        key, chunk = held.dataset.key, change.chunk()
        commit = next_commit(
            key=key,
            version=held.dataset.version,
            rows=held.dataset.rows,
            mode=change.mode,
            submission=change.submission(held),
            origin=Origin(),
            storage=held.dataset.storage,
            chunk=chunk,
            now=self._clock.now(),
        )
        expired: tuple[TableFile, ...] = ()
        if change.mode is WriteMode.RETAIN:
            with deleted_on_failure(table.path, change.added):
                expired = (write_expired(self._committer.stores.expired_folder(key), change.keys, commit.sequence),)
            reached(CommitFailpoint.EXPIRED_WRITTEN)
        changes = Changes(
            schema=schema_text(files_only(table.schema()) or bare_schema()),
            partition_columns=table.partition_columns(),
            added=change.added,
            removed=change.removed,
            expired=expired,
            principal=change.principal,
            facts=change.ledger_facts(held),
        )
        prepared = Prepared(commit=commit, changes=changes, policy=held.policy, content_state=change.content.state())
        return self._committer.decide_and_finish(prepared, chunk=chunk)
