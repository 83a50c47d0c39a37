"""Reads quarantined records: rows of the table, each with its status. Blocking; it changes nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection

from chartly.platform.metadata import Metadata
from chartly.storage.commit import chunk_rows, dataset_rows
from chartly.storage.commit import rows as commit_rows
from chartly.storage.commit.stores import require_quarantine_sequence
from chartly.storage.errors import Corrupt, QuarantineUnknown
from chartly.storage.model import Dataset, QuarantineStatus
from chartly.storage.names import quarantine_application, quarantine_folder
from chartly.storage.reading.scan import count, page
from chartly.storage.reading.snapshots import last_files
from chartly.storage.table import columns as c
from chartly.storage.table.verified_files import VerifiedFiles

from . import status_rows
from .states import RecordFilter, State, state_of

_ORDER = ("captured_at", "quarantine_id")
_COLUMNS = (
    "quarantine_id",
    "dataset",
    "source_id",
    "run_id",
    "raw_sha256",
    c.RAW_LINE,
    c.RAW_OFFSET,
    c.RAW_LENGTH,
    c.VIOLATIONS,
    "profile_hash",
    "captured_at",
    "sequence",
    c.SEALED,
    c.PAYLOAD_SHA256,
)
# Scans of one call that filters by state: records in other states are skipped page by page.
_SCANS_MAX = 32

# Rows of chunks that were reprocessed or rolled back stay in the table, so that a rollback can show them. They are hidden.
_HELD = "concat_ws('/', dataset, sequence, substr(quarantine_id, 3, 32)) NOT IN (SELECT unnest(?::VARCHAR[]))"

Position = tuple[object, ...]


class QuarantinedRecord(NamedTuple):
    """A quarantined record."""

    row: dict[str, Any]
    status: QuarantineStatus | None

    @property
    def position(self) -> Position:
        """Its position in a listing."""
        return tuple(self.row[name] for name in _ORDER)


class QuarantineReader:
    """Reads quarantined records. Safe for threads."""

    def __init__(self, metadata: Metadata, root: Path) -> None:
        self._metadata = metadata
        self._root = root
        self._verified = VerifiedFiles()

    def page(
        self, tenant: str, project: str, record_filter: RecordFilter, after: Position | None, limit: int
    ) -> tuple[list[QuarantinedRecord], Position | None]:
        """Return at most ``limit`` records, newest first, and the position of the next page; None if there are no more.

        A page may be shorter than its limit although more records follow: the table itself can't be filtered by state.
        """
        found: list[QuarantinedRecord] = []
        for _ in range(_SCANS_MAX):
            rows = self._rows(tenant, project, record_filter, after, limit + 1)
            for held in self._status(tenant, project, rows[:limit]):
                if not record_filter.states or state_of(held.status) in record_filter.states:
                    found.append(held)
                after = held.position
                if len(found) == limit:
                    return found, after if held.row is not rows[-1] else None
            if len(rows) <= limit:
                return found, None
        return found, after

    def records(self, tenant: str, project: str, quarantine_ids: list[str], *, payloads: bool = False) -> list[QuarantinedRecord]:
        """Return records in the order of their ids, with ``payloads`` also their payloads.

        Raises:
            QuarantineUnknown: one of the ids is unknown.
        """
        files, known = self._files(tenant, project)
        rows = page(
            files,
            columns=[name for name in (*_COLUMNS, *((c.PAYLOAD,) if payloads else ())) if name in known],
            order=_ORDER[1:],
            after=None,
            condition=f"quarantine_id IN ({', '.join('?' * len(quarantine_ids))}) AND {_HELD}",
            parameters=[*quarantine_ids, self._withdrawn(tenant, project)],
            limit=len(quarantine_ids),
        )
        by_id = {row["quarantine_id"]: row for row in rows}
        missing = next((each for each in quarantine_ids if each not in by_id), None)
        if missing is not None:
            raise QuarantineUnknown(missing)
        return self._status(tenant, project, [by_id[each] for each in sorted(by_id)])

    def faults(self, dataset: Dataset) -> list[str]:
        """Compare the dataset's rows in quarantine with its counts; return what disagrees. The caller holds the dataset's lock."""
        key = dataset.key
        try:
            files, _ = self._files(key.tenant, key.project)
        except Corrupt as broken:
            return [f"Quarantine can't be read: {broken}."]
        with self._metadata.reading() as connection:
            if commit_rows.prepared_of(connection, key):
                # Until the prepared commit is finished, statuses are ahead of the dataset's version.
                return []
            versions = dataset_rows.versions(connection, key.tenant, key.project)
            withdrawn = chunk_rows.withdrawn(connection, key.tenant, key.project, versions)
            acted_on = status_rows.counts(connection, key.tenant, key.project, [key.dataset], withdrawn).get(key.dataset, {})
        condition = f"dataset = ? AND sequence <= ? AND {_HELD}"
        shown = count(files, condition=condition, parameters=[key.dataset, dataset.version, withdrawn])
        counted = dataset.counts.quarantined + acted_on.get(State.RELEASED, 0)
        return [] if shown == counted else [f"Quarantine has {shown} records of the dataset, {counted} are kept as their count."]

    @staticmethod
    def count_statuses(connection: Connection, tenant: str, project: str, datasets: Sequence[str]) -> dict[str, dict[str, int]]:
        """Count the records of datasets that have a status, by dataset and state, as of one moment."""
        versions = dataset_rows.versions(connection, tenant, project)
        withdrawn = set(chunk_rows.withdrawn(connection, tenant, project, versions))
        return status_rows.counts(connection, tenant, project, datasets, withdrawn)

    def _rows(self, tenant: str, project: str, record_filter: RecordFilter, after: Position | None, limit: int) -> list[dict[str, Any]]:
        named = {"source_id": record_filter.source_id, "run_id": record_filter.run_id, "dataset": record_filter.dataset}
        conditions: list[str] = []
        parameters: list[object] = []
        if record_filter.reason:
            # A record matches if any of its violations has the reason.
            conditions.append("list_contains([violation.reason FOR violation IN reasons], ?)")
            parameters.append(record_filter.reason)
        if record_filter.since is not None:
            conditions.append("captured_at >= ?")
            parameters.append(record_filter.since)
        if record_filter.until is not None:
            conditions.append("captured_at < ?")
            parameters.append(record_filter.until)
        withdrawn = self._withdrawn(tenant, project)
        if withdrawn:
            conditions.append(_HELD)
            parameters.append(withdrawn)
        files, known = self._files(tenant, project)
        return page(
            files,
            columns=[name for name in _COLUMNS if name in known],
            order=_ORDER,
            after=after,
            descending=True,
            terms=[(name, value) for name, value in named.items() if value],
            condition=" AND ".join(conditions),
            parameters=parameters,
            limit=limit,
        )

    def _files(self, tenant: str, project: str) -> tuple[list[Path], frozenset[str]]:
        # Read the database first: a commit is in the table before it is in the database.
        with self._metadata.reading() as connection:
            versions = dataset_rows.versions(connection, tenant, project)
            written = chunk_rows.last_held_back(connection, tenant, project, versions)
        found = last_files(self._root / quarantine_folder(tenant, project))
        for dataset, last in written.items():
            require_quarantine_sequence(dataset, found.sequence(quarantine_application(dataset)), last)
        self._verified.check(found.files)
        return found.files, found.columns

    def _withdrawn(self, tenant: str, project: str) -> list[str]:
        with self._metadata.reading() as connection:
            versions = dataset_rows.versions(connection, tenant, project)
            return chunk_rows.withdrawn(connection, tenant, project, versions)

    def _status(self, tenant: str, project: str, rows: list[dict[str, Any]]) -> list[QuarantinedRecord]:
        with self._metadata.reading() as connection:
            statuses = status_rows.find(connection, tenant, project, [row["quarantine_id"] for row in rows])
        return [QuarantinedRecord(row, statuses.get(row["quarantine_id"])) for row in rows]
