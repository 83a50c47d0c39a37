"""Finishes a prepared commit: quarantine table, table, dedupe index, row. Each step looks first whether it was done."""

from collections.abc import Callable
from threading import Lock

from msgspec.structs import replace

from chartly.platform.metadata import Metadata
from chartly.storage.domain.model import Changes, Column, Commit, CommitState, DatasetKey, WriteMode
from chartly.storage.domain.names import APPLICATION, quarantine_application
from chartly.storage.domain.protocol import Progress, Step, remaining
from chartly.storage.store import commit_rows, dataset_rows, event_rows, expired_rows, standing_rows
from chartly.storage.store.commit_rows import Prepared
from chartly.storage.store.dedupe import Indexes, Keys
from chartly.storage.store.delta import Folder
from chartly.storage.store.keys import joined, table_keys
from chartly.storage.store.schema import files_only, schema_of

from .chunk import Chunk
from .points import Point, reached


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

    def finish(self, prepared: Prepared, chunk: Chunk | None) -> Commit:
        """Do what remains of a prepared commit, and give it as committed.

        Args:
            prepared: what was decided.
            chunk: its keys, where they are at hand; else they are read from the files.
        """
        commit, changes = prepared.commit, prepared.changes
        key = commit.key
        indexed = commit.mode is not WriteMode.REPLACE
        with self._metadata.reading() as connection:
            held = dataset_rows.find(connection, key)
        progress = Progress(
            quarantine=self._quarantined(key) if changes.quarantined else 0,
            table=self._folder_of(key).sequence(APPLICATION),
            index=self._indexes.watermark(key) if indexed else 0,
            row=held.dataset.version if held else 0,
        )
        steps = remaining(commit.sequence, progress, quarantines=bool(changes.quarantined), indexed=indexed)
        if Step.QUARANTINE in steps:
            self._commit_quarantine(prepared)
        reached(Point.QUARANTINE_COMMITTED)
        delta_version = self._commit_table(prepared) if Step.TABLE in steps else self._folder_of(key).version()
        reached(Point.TABLE_COMMITTED)
        if Step.INDEX in steps:
            self._apply_index(prepared, progress.index, chunk)
        reached(Point.INDEX_APPLIED)
        committed = replace(commit, state=CommitState.COMMITTED, delta_version=delta_version)
        self._commit_row(prepared, committed)
        reached(Point.ROW_COMMITTED)
        return committed

    def _quarantined(self, key: DatasetKey) -> int:
        with self.quarantine_lock:
            return self._quarantine_of(key).sequence(quarantine_application(key.dataset))

    def _commit_quarantine(self, prepared: Prepared) -> None:
        commit, changes = prepared.commit, prepared.changes
        folder = self._quarantine_of(commit.key)
        schema = schema_of(changes.quarantine_schema)
        with self.quarantine_lock:
            folder.create(schema, ())
            folder.grow(schema)
            folder.commit(
                quarantine_application(commit.key.dataset),
                commit.sequence,
                added=changes.quarantined,
                facts={"dataset": commit.key.dataset, "work_key": commit.submission.work_key},
            )

    def _commit_table(self, prepared: Prepared) -> int:
        commit, changes = prepared.commit, prepared.changes
        folder = self._folder_of(commit.key)
        facts = {"work_key": commit.submission.work_key, "content_hash": commit.content_hash}
        schema = schema_of(changes.schema)
        folder.create(schema, changes.partition_columns)
        replaces = commit.mode is WriteMode.REPLACE
        if not replaces:
            folder.grow(schema)
        return folder.commit(
            APPLICATION,
            commit.sequence,
            added=changes.added,
            removed=changes.removed,
            replace_schema=schema if replaces else None,
            facts=facts,
        )

    def _apply_index(self, prepared: Prepared, watermark: int, chunk: Chunk | None) -> None:
        commit = prepared.commit
        adds = commit.mode in (WriteMode.APPEND, WriteMode.READMIT)
        told = commit.mode in (WriteMode.APPEND, WriteMode.READMIT, WriteMode.RETAIN)
        if watermark != commit.sequence - 1 or not told or (chunk is None and not adds):
            self._rebuild(prepared)
            return
        if chunk is None:
            # The files hold what was decided; those that a replaced record was taken out of hold older rows too.
            folder = self._folder_of(commit.key)
            paths = [folder.path / file.path for file in prepared.changes.added]
            keys, record_ids = joined(table_keys(paths, sequence=commit.sequence))
        else:
            keys, record_ids = chunk.keys, chunk.record_ids
        from chartly.native import IndexDamaged  # noqa: PLC0415 - the compiled core, at first use

        try:
            self._indexes.apply(commit.key, keys, record_ids, commit.sequence)
        except IndexDamaged:
            self._indexes.reset(commit.key)
            self._rebuild(prepared)

    def _rebuild(self, prepared: Prepared) -> None:
        key = prepared.commit.key
        self._indexes.rebuild(key, self._content_of(key, prepared.changes), prepared.commit.sequence)

    def _commit_row(self, prepared: Prepared, committed: Commit) -> None:
        schema = self._folder_of(committed.key).schema()
        columns = tuple(Column(name=field.name, type=str(field.type)) for field in files_only(schema) or ())
        with self._metadata.writing() as connection:
            commit_rows.finish(connection, committed)
            dataset_rows.apply(connection, committed, prepared.policy, columns, prepared.content_state)
            key, changes = committed.key, prepared.changes
            standing_rows.put(connection, key.tenant, key.project, changes.standings)
            expired_rows.put(connection, key, committed.sequence, changes.expired)
            event_rows.put(connection, key.tenant, key.project, changes.events)
