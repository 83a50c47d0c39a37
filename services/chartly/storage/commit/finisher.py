"""Finishes prepared commits, one or several that were decided together: quarantine table, table, dedupe index, rows.

Each step checks first whether it was done, so a commit can be finished any number of times, by any process.
"""

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from chartly.platform import outbox
from chartly.platform.metadata import Metadata
from chartly.platform.outbox import Event
from chartly.storage import tables
from chartly.storage.arrow import native, pa
from chartly.storage.dedupe import expired_rows
from chartly.storage.dedupe.decide import DecidedChunk
from chartly.storage.model import Commit, CommitState, DatasetKey, DerivedFrom, WriteMode
from chartly.storage.names import APPLICATION, quarantine_application
from chartly.storage.table.keys import joined, table_keys
from chartly.storage.table.schema import columns_of, schema_of

from . import dataset_rows
from . import rows as commit_rows
from .events import dataset_updated
from .failpoints import CommitFailpoint, reached
from .protocol import Progress, Step, remaining
from .quarantine_hooks import QuarantineHooks
from .rows import Prepared
from .stores import DatasetStores

# Modes whose keys the index takes as they are; after any other the index is rebuilt from the table.
_ADDS_KEYS = (WriteMode.APPEND, WriteMode.READMIT)
_HAS_OWN_EVENT = (WriteMode.REBUILD, WriteMode.RESTORE)
_CHANGES_KEYS = (*_ADDS_KEYS, WriteMode.RETAIN)


class Finisher:
    """Rolls prepared commits forward. One thread a dataset; several datasets of a project share its quarantine table."""

    def __init__(self, metadata: Metadata, stores: DatasetStores, hooks: QuarantineHooks, notify: Callable[[], None]) -> None:
        self._metadata = metadata
        self._stores = stores
        self._hooks = hooks
        self._notify = notify

    def finish(self, group: Sequence[Prepared], chunks: Sequence[DecidedChunk] | None) -> tuple[Commit, ...]:
        """Do the remaining steps of commits that were decided together, and return them as committed.

        Args:
            group: the commits in the order of their sequences.
            chunks: their records; None to read the keys from the files.
        """
        first, last = group[0].commit, group[-1].commit
        key, indexed = last.key, last.mode is not WriteMode.REPLACE
        quarantines = any(prepared.changes.quarantined for prepared in group)
        with self._metadata.reading() as connection:
            held = dataset_rows.find(connection, key)
        progress = Progress(
            quarantine=self._quarantined(key) if quarantines else 0,
            table=self._stores.table(key).sequence(APPLICATION),
            index=self._stores.indexes.watermark(key) if indexed else 0,
            row=held.dataset.version if held else 0,
        )
        steps = remaining(last.sequence, progress, quarantines=quarantines, indexed=indexed, first=first.sequence)
        if Step.QUARANTINE in steps:
            self._commit_quarantine(group)
        reached(CommitFailpoint.QUARANTINE_COMMITTED)
        delta_version = self._commit_table(group) if Step.TABLE in steps else self._stores.table(key).version()
        reached(CommitFailpoint.TABLE_COMMITTED)
        if Step.INDEX in steps:
            self._apply_index(group, progress.index, chunks)
        reached(CommitFailpoint.INDEX_APPLIED)
        committed = tuple(replace(each.commit, state=CommitState.COMMITTED, delta_version=delta_version) for each in group)
        self._commit_rows(group, committed)
        reached(CommitFailpoint.ROW_COMMITTED)
        self._notify()
        return committed

    def _quarantined(self, key: DatasetKey) -> int:
        with self._stores.quarantine_lock:
            return self._stores.quarantine_table(key).sequence(quarantine_application(key.dataset))

    def _commit_quarantine(self, group: Sequence[Prepared]) -> None:
        last = group[-1].commit
        folder = self._stores.quarantine_table(last.key)
        schemas = dict.fromkeys(each.changes.quarantine_schema for each in group if each.changes.quarantined)
        with self._stores.quarantine_lock:
            for schema in map(schema_of, schemas):
                folder.create(schema, ())
                folder.grow(schema)
            folder.commit(
                quarantine_application(last.key.dataset),
                last.sequence,
                added=[file for each in group for file in each.changes.quarantined],
                facts={"dataset": last.key.dataset, "work_key": _work_keys(group)},
            )

    def _commit_table(self, group: Sequence[Prepared]) -> int:
        last, changes = group[-1].commit, group[-1].changes
        folder = self._stores.table(last.key)
        # Each commit was decided with the columns of those before it, so the last one has all of them.
        schema = schema_of(changes.schema)
        folder.create(schema, changes.partition_columns)
        replaces = last.mode is WriteMode.REPLACE
        if not replaces:
            folder.grow(schema)
        return folder.commit(
            APPLICATION,
            last.sequence,
            added=[file for each in group for file in each.changes.added],
            removed=[path for each in group for path in each.changes.removed],
            replace_schema=schema if replaces else None,
            facts={"work_key": _work_keys(group), "content_hash": last.content_hash},
        )

    def _apply_index(self, group: Sequence[Prepared], watermark: int, chunks: Sequence[DecidedChunk] | None) -> None:
        first, last = group[0].commit, group[-1].commit
        unknown = last.mode not in _CHANGES_KEYS or (chunks is None and last.mode not in _ADDS_KEYS)
        if watermark != first.sequence - 1 or unknown:
            self._rebuild(group)
            return
        at_hand = [(chunk.keys, chunk.record_ids) for chunk in chunks or ()]
        pairs = at_hand or [self._written(prepared) for prepared in group]
        keys, record_ids = (pa.concat_arrays(list(columns)) for columns in zip(*pairs, strict=True))
        try:
            self._stores.indexes.apply(last.key, keys, record_ids, last.sequence)
        except native.IndexDamaged:
            self._stores.indexes.reset(last.key)
            self._rebuild(group)

    def _written(self, prepared: Prepared) -> "tuple[pa.Array, pa.Array]":
        """Read a commit's keys and record ids from its files. A file rewritten without replaced records holds older rows too."""
        folder = self._stores.table(prepared.commit.key)
        paths = [folder.path / file.path for file in prepared.changes.added]
        return joined(table_keys(paths, sequence=prepared.commit.sequence))

    def _rebuild(self, group: Sequence[Prepared]) -> None:
        last = group[-1]
        self._stores.rebuild_index(last.commit.key, last.commit.sequence, pending=last.changes)

    def _commit_rows(self, group: Sequence[Prepared], committed: Sequence[Commit]) -> None:
        """Make the versions visible. The same transaction stores an event of each, so that none lacks its ledger entry."""
        key = committed[-1].key
        columns = columns_of(self._stores.table(key).schema())
        with self._metadata.writing() as connection:
            for prepared, commit in zip(group, committed, strict=True):
                changes = prepared.changes
                commit_rows.finish(connection, commit)
                inputs = msgspec.convert(changes.facts.get("inputs", []), list[DerivedFrom]) if commit.mode is WriteMode.REPLACE else ()
                dataset_rows.apply(connection, commit, prepared.policy, columns, prepared.content_state, inputs)
                self._hooks.store_statuses(connection, key, changes.statuses)
                expired_rows.put(connection, key, commit.sequence, changes.expired)
                outbox.put(connection, tables.outbox, key.tenant, key.project, _events(prepared, commit))


def _events(prepared: Prepared, commit: Commit) -> list[Event]:
    """Return a commit's events. A version that was reprocessed or rolled back has an event type of its own, which says so."""
    changes = prepared.changes
    if commit.mode in _HAS_OWN_EVENT:
        return list(changes.events)
    updated = dataset_updated(commit, changes.principal, changes.facts)
    # A commit that an older build prepared may bring the event along.
    return [updated, *(event for event in changes.events if event.key != updated.key)]


def _work_keys(group: Sequence[Prepared]) -> str:
    return " ".join(prepared.commit.submission.work_key for prepared in group)
