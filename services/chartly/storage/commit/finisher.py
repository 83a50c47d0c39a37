"""Finishes prepared commits, one or several that were decided together. Each step looks first whether it was done.

The steps: quarantine table, table, dedupe index, rows.
"""

from collections.abc import Callable, Sequence
from threading import Lock

from msgspec.structs import replace

from chartly.platform.metadata import Metadata
from chartly.storage.arrow import native, pa
from chartly.storage.dedupe import expired_rows
from chartly.storage.dedupe.index import Indexes, Keys
from chartly.storage.model import Changes, Commit, CommitState, DatasetKey, WriteMode
from chartly.storage.names import APPLICATION, quarantine_application
from chartly.storage.quarantine import status_rows
from chartly.storage.table.delta_log import Folder
from chartly.storage.table.keys import joined, table_keys
from chartly.storage.table.schema import columns_of, schema_of

from . import dataset_rows, event_rows
from . import rows as commit_rows
from .chunk import Chunk
from .failpoints import Point, reached
from .protocol import Progress, Step, remaining
from .rows import Prepared


class Finisher:
    """Rolls prepared commits forward. One thread a dataset; several datasets of a project share its quarantine table."""

    def __init__(
        self,
        metadata: Metadata,
        indexes: Indexes,
        folder_of: Callable[[DatasetKey], Folder],
        quarantine_of: Callable[[DatasetKey], Folder],
        content_of: Callable[[DatasetKey, Changes], Keys],
    ) -> None:
        self._metadata = metadata
        self._indexes = indexes
        self._folder_of = folder_of
        self._quarantine_of = quarantine_of
        self._content_of = content_of
        self.quarantine_lock = Lock()
        """Guards every project's quarantine table; held for one commit of a few files."""

    def finish(self, group: Sequence[Prepared], chunks: Sequence[Chunk] | None) -> tuple[Commit, ...]:
        """Do what remains of prepared commits that were decided together, and give them as committed.

        Args:
            group: what was decided, in the order of the sequences.
            chunks: their keys, where they are at hand; else they are read from the files.
        """
        first, last = group[0].commit, group[-1].commit
        key, indexed = last.key, last.mode is not WriteMode.REPLACE
        quarantines = any(prepared.changes.quarantined for prepared in group)
        with self._metadata.reading() as connection:
            held = dataset_rows.find(connection, key)
        progress = Progress(
            quarantine=self._quarantined(key) if quarantines else 0,
            table=self._folder_of(key).sequence(APPLICATION),
            index=self._indexes.watermark(key) if indexed else 0,
            row=held.dataset.version if held else 0,
        )
        steps = remaining(last.sequence, progress, quarantines=quarantines, indexed=indexed, first=first.sequence)
        if Step.QUARANTINE in steps:
            self._commit_quarantine(group)
        reached(Point.QUARANTINE_COMMITTED)
        delta_version = self._commit_table(group) if Step.TABLE in steps else self._folder_of(key).version()
        reached(Point.TABLE_COMMITTED)
        if Step.INDEX in steps:
            self._apply_index(group, progress.index, chunks)
        reached(Point.INDEX_APPLIED)
        committed = tuple(replace(each.commit, state=CommitState.COMMITTED, delta_version=delta_version) for each in group)
        self._commit_rows(group, committed)
        reached(Point.ROW_COMMITTED)
        return committed

    def _quarantined(self, key: DatasetKey) -> int:
        with self.quarantine_lock:
            return self._quarantine_of(key).sequence(quarantine_application(key.dataset))

    def _commit_quarantine(self, group: Sequence[Prepared]) -> None:
        last = group[-1].commit
        folder = self._quarantine_of(last.key)
        schemas = dict.fromkeys(each.changes.quarantine_schema for each in group if each.changes.quarantined)
        with self.quarantine_lock:
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
        folder = self._folder_of(last.key)
        # Each was decided with the columns of those before it, so the last one has them all.
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

    def _apply_index(self, group: Sequence[Prepared], watermark: int, chunks: Sequence[Chunk] | None) -> None:
        first, last = group[0].commit, group[-1].commit
        adds = last.mode in (WriteMode.APPEND, WriteMode.READMIT)
        told = last.mode in (WriteMode.APPEND, WriteMode.READMIT, WriteMode.RETAIN)
        if watermark != first.sequence - 1 or not told or (chunks is None and not adds):
            self._rebuild(group)
            return
        at_hand = [(chunk.keys, chunk.record_ids) for chunk in chunks or ()]
        pairs = at_hand or [self._written(prepared) for prepared in group]
        keys, record_ids = (pa.concat_arrays(list(columns)) for columns in zip(*pairs, strict=True))
        try:
            self._indexes.apply(last.key, keys, record_ids, last.sequence)
        except native.IndexDamaged:
            self._indexes.reset(last.key)
            self._rebuild(group)

    def _written(self, prepared: Prepared) -> "tuple[pa.Array, pa.Array]":
        """Read what a commit decided from its files; those that a replaced record was taken out of hold older rows too."""
        folder = self._folder_of(prepared.commit.key)
        paths = [folder.path / file.path for file in prepared.changes.added]
        return joined(table_keys(paths, sequence=prepared.commit.sequence))

    def _rebuild(self, group: Sequence[Prepared]) -> None:
        key, last = group[-1].commit.key, group[-1]
        self._indexes.rebuild(key, self._content_of(key, last.changes), last.commit.sequence)

    def _commit_rows(self, group: Sequence[Prepared], committed: Sequence[Commit]) -> None:
        key = committed[-1].key
        columns = columns_of(self._folder_of(key).schema())
        with self._metadata.writing() as connection:
            for prepared, commit in zip(group, committed, strict=True):
                changes = prepared.changes
                commit_rows.finish(connection, commit)
                dataset_rows.apply(connection, commit, prepared.policy, columns, prepared.content_state)
                status_rows.put(connection, key.tenant, key.project, changes.statuses)
                expired_rows.put(connection, key, commit.sequence, changes.expired)
                event_rows.put(connection, key.tenant, key.project, changes.events)


def _work_keys(group: Sequence[Prepared]) -> str:
    return " ".join(prepared.commit.submission.work_key for prepared in group)
