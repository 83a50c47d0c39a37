"""Sets prepared commits aside that can't be finished, so that the dataset takes commits again.

The stores go back to the last committed version, then one transaction removes the commits' rows and stores a ledger event. A crash in
between leaves the commits prepared: finishing them or setting them aside can be tried again from there. No raw bytes are touched, so a
chunk that was set aside can be normalized and committed again.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from chartly.platform import outbox
from chartly.platform.clock import Clock
from chartly.platform.errors import ChartlyError
from chartly.platform.metadata import Metadata
from chartly.platform.outbox import Event
from chartly.platform.telemetry.log import Logger
from chartly.storage import tables
from chartly.storage.model import Commit, DatasetKey, WriteMode
from chartly.storage.names import APPLICATION, quarantine_application

from . import chunk_rows, dataset_rows
from . import rows as commit_rows
from .failpoints import SetAsideFailpoint, reached
from .protocol import Progress, remaining
from .quarantine_hooks import QuarantineHooks
from .rows import Prepared
from .stores import DatasetStores


class SetAsideCommits:
    """Removes prepared commits. Blocking; the caller holds the dataset's lock."""

    def __init__(self, metadata: Metadata, stores: DatasetStores, hooks: QuarantineHooks, clock: Clock, logger: Logger) -> None:
        self._metadata = metadata
        self._stores = stores
        self._hooks = hooks
        self._clock = clock
        self._logger = logger

    def set_aside(self, key: DatasetKey, cause: str, principal: str, justification: str) -> tuple[Commit, ...]:
        """Remove the dataset's prepared commits; return them, none if there is none.

        Args:
            key: the dataset.
            cause: why they can't be finished.
            principal: the caller, for the ledger.
            justification: the caller's reason, for the ledger.

        Raises:
            Corrupt: a store holds neither the version before the commits nor the one after; nothing was changed.
            DiskFull, StoreUnavailable: may be retried.
        """
        with self._metadata.reading() as connection:
            group = commit_rows.prepared_of(connection, key)
            held = dataset_rows.find(connection, key)
            before = commit_rows.by_sequence(connection, key, held.dataset.version) if held else None
        if not group:
            return ()
        self._restore_stores(key, group, before)
        with self._metadata.writing() as connection:
            self._remove_rows(connection, key, group)
            event = _event(group, cause, principal, justification, self._clock)
            outbox.put(connection, tables.outbox, key.tenant, key.project, [event])
        if before is not None and before.mode is not WriteMode.REPLACE:
            try:
                self._stores.ensure_index(key, before.sequence)
            except ChartlyError as refused:
                # The commits are set aside all the same. The next commit rebuilds the index, and until then a check reports it.
                self._logger.warning("dedupe index not rebuilt", dataset=key.dataset, exception=refused)
        return tuple(each.commit for each in group)

    def _restore_stores(self, key: DatasetKey, group: Sequence[Prepared], before: Commit | None) -> None:
        """Return index, table and quarantine table to the version before the commits."""
        first, last = group[0].commit.sequence, group[-1].commit.sequence
        table, quarantine = self._stores.table(key), self._stores.quarantine_table(key)
        quarantined = [file.path for each in group for file in each.changes.quarantined]
        with self._stores.quarantine_lock:
            in_quarantine = quarantine.sequence(quarantine_application(key.dataset)) if quarantined else 0
        progress = Progress(quarantine=in_quarantine, table=table.sequence(APPLICATION), index=0, row=before.sequence if before else 0)
        # Refuses stores that hold anything but the version before or after these commits.
        remaining(last, progress, quarantines=bool(quarantined), indexed=False, first=first)
        self._stores.indexes.reset(key)
        reached(SetAsideFailpoint.INDEX_RESET)
        if before is None:
            self._stores.remove_table(key)
        elif progress.table == last:
            table.restore(before.delta_version, APPLICATION, before.sequence)
        reached(SetAsideFailpoint.TABLE_RESTORED)
        if quarantined and in_quarantine == last:
            with self._stores.quarantine_lock:
                facts = {"dataset": key.dataset, "set_aside": "true"}
                quarantine.commit(quarantine_application(key.dataset), first - 1, added=(), removed=quarantined, facts=facts)
        reached(SetAsideFailpoint.QUARANTINE_RESTORED)

    def _remove_rows(self, connection: Connection, key: DatasetKey, group: Sequence[Prepared]) -> None:
        first = group[0].commit.sequence
        commit_rows.remove_prepared(connection, key)
        relabelled = [label for each in group for label in each.changes.relabelled_chunks]
        chunk_rows.remove_since(connection, key, first, relabelled)
        moved = [pair for each in group for pair in each.changes.moved_statuses]
        self._hooks.remove_since(connection, key, first, moved)


def _event(group: Sequence[Prepared], cause: str, principal: str, justification: str, clock: Clock) -> Event:
    first, last = group[0].commit, group[-1].commit
    now = clock.now()
    return Event(
        key=f"dataset.commit_set_aside/{first.key.dataset}/{first.sequence}/{int(now.timestamp() * 1000)}",
        type="dataset.commit_set_aside",
        subject=f"dataset/{first.key.dataset}",
        run_id=last.submission.run_id,
        principal=principal,
        occurred_at=now,
        details={
            "dataset_version": first.sequence - 1,
            "cause": cause,
            "justification": justification,
            "commits": [_described(each.commit) for each in group],
        },
    )


def _described(commit: Commit) -> dict[str, str | int]:
    described: dict[str, str | int] = {
        "mode": commit.mode.value,
        "work_key": commit.submission.work_key,
        "run_id": commit.submission.run_id,
        "records_in": commit.counts.records_in,
    }
    if commit.mode is WriteMode.APPEND:
        described |= {"raw_sha256": commit.origin.raw_sha256, "normalizer_hash": commit.origin.normalizer.hash}
    return described
