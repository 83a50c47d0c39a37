"""Check, repair and trim datasets. Each method does one action on one dataset; the scheduler and the handlers call them."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from chartly.platform import outbox
from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.metadata import Metadata
from chartly.platform.outbox import Event
from chartly.platform.telemetry.log import Logger
from chartly.storage import tables
from chartly.storage.arrow import native, pa
from chartly.storage.commit import dataset_rows
from chartly.storage.commit import rows as commit_rows
from chartly.storage.commit.committer import Committer
from chartly.storage.commit.dataset_rows import DatasetRow
from chartly.storage.dedupe import expired_rows
from chartly.storage.dedupe.index_content import is_expired, read_expired
from chartly.storage.errors import CommitUnfinished, Corrupt, DatasetUnknown, DerivedNotRepaired, NothingSetAside
from chartly.storage.model import Commit, Dataset, DatasetKey, DedupePolicy, Value
from chartly.storage.policy import kept_since
from chartly.storage.quarantine.reader import QuarantineReader
from chartly.storage.reading.reader import Reader
from chartly.storage.table.delta_table import LocalDeltaTable
from chartly.storage.table.retention_column import require_points_in_time

from .change import ChangeCommitter, DatasetChange
from .check import Check, check_appended, check_replaced, damaged
from .compaction import Compactor
from .repair import Repaired, repair
from .retention import ExpiredFiles, find_expired, retain


class RepairResult(Value, frozen=True, kw_only=True):
    """The result of a repair."""

    version: int
    faults: tuple[str, ...]
    repairs: tuple[str, ...]
    rows_removed: int
    content_hash: str


class RetentionResult(Value, frozen=True, kw_only=True):
    """The records that retention removed, or would remove."""

    version: int
    content_hash: str
    expired: ExpiredFiles | None
    """None if the profile keeps all records."""


class DatasetMaintenance:
    """The actions on the datasets of one data directory. The caller holds the dataset's lock (``DatasetLocks``)."""

    def __init__(
        self,
        committer: Committer,
        reader: Reader,
        quarantined: QuarantineReader,
        metadata: Metadata,
        clock: Clock,
        limits: Limits,
        logger: Logger,
    ) -> None:
        self._committer = committer
        self._reader = reader
        self._quarantined = quarantined
        self._metadata = metadata
        self._clock = clock
        self._limits = limits
        self._logger = logger
        self._changes = ChangeCommitter(committer, metadata, clock)
        self._compactor = Compactor(committer.stores, limits, metadata, logger)

    def check(self, key: DatasetKey) -> tuple[int, Check]:
        """Compute a dataset's index, row count and content hash from its table; return the differences and the version.

        Raises:
            DatasetUnknown: the dataset does not exist.
        """
        unfinished = self._unfinished(key)
        try:
            dataset, commit, files = self._reader.snapshot(key, 0)
        except DatasetUnknown:
            if not unfinished:
                raise
            return 0, Check(rows=0, content_hash="", faults=unfinished)
        if dataset.derived:
            found = check_replaced(dataset, files)
            return commit.sequence, replace(found, faults=(*unfinished, *found.faults))
        found = self._checked(dataset, files)
        return commit.sequence, replace(found, faults=(*unfinished, *found.faults, *self._quarantined.faults(dataset)))

    def set_aside(self, key: DatasetKey, principal: str, justification: str) -> tuple[Commit, ...]:
        """Set the dataset's decided commits aside if they can't be finished; return them.

        Raises:
            NothingSetAside: the dataset has no such commit.
        """
        done = self._committer.set_aside(key, principal, justification)
        if not done:
            raise NothingSetAside(key.dataset)
        return done

    def _unfinished(self, key: DatasetKey) -> tuple[str, ...]:
        """Report decided commits that can't be finished. One that a crash left is finished here."""
        try:
            self._committer.recover(key)
        except CommitUnfinished as refused:
            return (f"Version {refused.version} is decided and can't be finished: {refused.cause}. `{refused.command}` sets it aside.",)
        return ()

    def _checked(self, dataset: Dataset, files: tuple[Path, ...]) -> Check:
        key, indexes = dataset.key, self._committer.stores.indexes
        try:
            return check_appended(dataset, files, indexes, (self._expired_keys(key), is_expired))
        except native.IndexDamaged as broken:
            # The damage shows only when all keys are read. The new index is empty, so the check reports that every key is missing.
            self._logger.warning("dedupe index broken", dataset=key.dataset, problem=str(broken))
            indexes.reset(key)
            return check_appended(dataset, files, indexes, (self._expired_keys(key), is_expired))

    def repair(self, key: DatasetKey, principal: str) -> RepairResult:
        """Make a dataset agree with its table.

        Raises:
            DatasetUnknown: the dataset does not exist.
            DerivedNotRepaired: the dataset is derived, and differs from its stored values.
            Corrupt: a table file is damaged, or quarantine lacks records.
        """
        self._committer.recover(key)
        version, found = self.check(key)
        if not found.faults:
            return RepairResult(version=version, faults=(), repairs=(), rows_removed=0, content_hash=found.content_hash)
        dataset, _, files = self._reader.snapshot(key, 0)
        if dataset.derived:
            raise DerivedNotRepaired(key.dataset)
        broken = [*damaged(files), *self._quarantined.faults(dataset)]
        if broken:
            raise Corrupt(f"table {key.dataset}", broken[0])
        wrong: list[Repaired] = []

        def make(held: DatasetRow, table: LocalDeltaTable) -> DatasetChange | None:
            wrong.append(repair(table, held, self._last_policy(key), principal))
            return wrong[0].change

        held, commit = self._changes.commit(key, make)
        repairs = _repairs(wrong[0], commit)
        if commit is None:
            # Row count and content hash agree with the table, so only the index can differ.
            self._committer.stores.rebuild_index(key, held.dataset.version)
        self._store_event(key, principal, found.faults, repairs, held, commit)
        self._logger.warning("dataset repaired", dataset=key.dataset, faults=len(found.faults), version=held.dataset.version)
        return RepairResult(
            version=commit.sequence if commit else held.dataset.version,
            faults=found.faults,
            repairs=repairs,
            rows_removed=wrong[0].duplicates,
            content_hash=commit.content_hash if commit else held.dataset.content_hash,
        )

    def retain(self, key: DatasetKey, principal: str, *, dry_run: bool = False) -> RetentionResult:
        """Remove expired records, at most those of one pass. With ``dry_run``, only return their number.

        Raises:
            DatasetUnknown, ModeConflict: the dataset does not exist, or is derived.
            RetentionColumnInvalid: the profile counts retention from a column without points in time.
        """
        seen: list[ExpiredFiles] = []

        def make(held: DatasetRow, table: LocalDeltaTable) -> DatasetChange | None:
            since = kept_since(held.policy, self._clock.now())
            if since is None or not table.exists():
                return None
            require_points_in_time(held.policy, table.schema())
            seen.append(find_expired(table, held.policy, since, self._limits.retention_rows_max))
            return None if dry_run or not seen[0].rows else retain(table, held, seen[0], principal)

        held, commit = self._changes.commit(key, make)
        if commit is not None:
            self._logger.info("retention applied", dataset=key.dataset, version=commit.sequence, rows=seen[0].rows)
        return RetentionResult(
            version=commit.sequence if commit else held.dataset.version,
            content_hash=commit.content_hash if commit else held.dataset.content_hash,
            expired=seen[0] if seen else None,
        )

    def compact(self, key: DatasetKey) -> bool:
        """Merge small files of the dataset's table and its project's quarantine table, one pass each; return whether to call again."""
        return self._compactor.compact(key)

    def vacuum(self, key: DatasetKey) -> None:
        """Delete files of the dataset's table that only versions past the time-travel window refer to."""
        self._compactor.vacuum(key)

    def due(self) -> list[DatasetKey]:
        """Return the datasets of all projects whose profile has a retention."""
        with self._metadata.reading() as connection:
            return dataset_rows.with_retention(connection)

    def _last_policy(self, key: DatasetKey) -> DedupePolicy:
        with self._metadata.reading() as connection:
            return commit_rows.last_policy(connection, key)

    def _expired_keys(self, key: DatasetKey) -> "Iterator[pa.Array]":
        with self._metadata.reading() as connection:
            names = expired_rows.paths(connection, key)
        return (read_expired(self._committer.stores.expired_folder(key) / name) for name in names)

    def _store_event(
        self, key: DatasetKey, principal: str, faults: tuple[str, ...], repairs: tuple[str, ...], held: DatasetRow, commit: Commit | None
    ) -> None:
        now = self._clock.now()
        version = commit.sequence if commit else held.dataset.version
        event = Event(
            key=f"dataset.repaired/{key.dataset}/{version}/{int(now.timestamp() * 1000)}",
            type="dataset.repaired",
            subject=f"dataset/{key.dataset}",
            principal=principal,
            occurred_at=now,
            details={
                "dataset_version": version,
                "faults": list(faults),
                "repairs": list(repairs),
                "previous_content_hash": held.dataset.content_hash,
                "content_hash": commit.content_hash if commit else held.dataset.content_hash,
            },
        )
        with self._metadata.writing() as connection:
            outbox.put(connection, tables.outbox, key.tenant, key.project, [event])


def _repairs(wrong: Repaired, commit: Commit | None) -> tuple[str, ...]:
    done: list[str] = []
    if wrong.duplicates:
        done.append(f"{wrong.duplicates} rows were removed because the table held their key twice.")
    if commit is not None:
        done.append("Row count and content hash were recomputed from the table.")
    done.append("The dedupe index was rebuilt from the table.")
    return tuple(done)
