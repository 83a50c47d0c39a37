"""Quarantined records as readers see them: the table's rows, each with where it stands. Blocking; it changes nothing."""

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
from .states import State, Wanted, state_of

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
)
# Scans of one call that asks for a state: records in other states are passed over in pages of the table.
_SCANS_MAX = 32

# Rows of chunks that a rebuild replaced or a rollback undid stay in the table, for a way back, and are no longer shown.
_HELD = "concat_ws('/', dataset, sequence, substr(quarantine_id, 3, 32)) NOT IN (SELECT unnest(?::VARCHAR[]))"

Position = tuple[object, ...]


class Held(NamedTuple):
    """A quarantined record."""

    row: dict[str, Any]
    status: QuarantineStatus | None

    @property
    def position(self) -> Position:
        """Its place in the order of a listing."""
        return tuple(self.row[name] for name in _ORDER)


class Quarantined:
    """Reads what is held back. Safe for threads."""

    def __init__(self, metadata: Metadata, root: Path) -> None:
        self._metadata = metadata
        self._root = root
        self._verified = VerifiedFiles()

    def page(self, tenant: str, project: str, wanted: Wanted, after: Position | None, limit: int) -> tuple[list[Held], Position | None]:
        """Read at most ``limit`` records, newest first, and where to go on; None when there is no more.

        A page may be shorter than its limit though more follow: states are known beside the table.
        """
        found: list[Held] = []
        for _ in range(_SCANS_MAX):
            rows = self._rows(tenant, project, wanted, after, limit + 1)
            for held in self._status(tenant, project, rows[:limit]):
                if not wanted.states or state_of(held.status) in wanted.states:
                    found.append(held)
                after = held.position
                if len(found) == limit:
                    return found, after if held.row is not rows[-1] else None
            if len(rows) <= limit:
                return found, None
        return found, after

    def records(self, tenant: str, project: str, quarantine_ids: list[str], *, payloads: bool = False) -> list[Held]:
        """Read records in the order of their ids, with their payloads where these are asked for.

        Raises:
            QuarantineUnknown: one of them is none.
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
        """Hold what quarantine shows of a dataset against its counts. In the dataset's lane, so that no commit changes them meanwhile."""
        key = dataset.key
        try:
            files, _ = self._files(key.tenant, key.project)
        except Corrupt as broken:
            return [f"Quarantine can't be read: {broken}."]
        with self._metadata.reading() as connection:
            if commit_rows.prepared_of(connection, key):
                # Its statuses go ahead of its version until somebody finishes it.
                return []
            versions = dataset_rows.versions(connection, key.tenant, key.project)
            withdrawn = chunk_rows.withdrawn(connection, key.tenant, key.project, versions)
            acted_on = status_rows.counts(connection, key.tenant, key.project, [key.dataset], withdrawn).get(key.dataset, {})
        condition = f"dataset = ? AND sequence <= ? AND {_HELD}"
        shown = count(files, condition=condition, parameters=[key.dataset, dataset.version, withdrawn])
        told = dataset.counts.quarantined + acted_on.get(State.RELEASED, 0)
        return [] if shown == told else [f"Quarantine has {shown} records of the dataset, {told} are kept as their count."]

    @staticmethod
    def count_statuses(connection: Connection, tenant: str, project: str, datasets: Sequence[str]) -> dict[str, dict[str, int]]:
        """Count the records of datasets that have a status, by dataset and state, as of one moment."""
        versions = dataset_rows.versions(connection, tenant, project)
        withdrawn = set(chunk_rows.withdrawn(connection, tenant, project, versions))
        return status_rows.counts(connection, tenant, project, datasets, withdrawn)

    def _rows(self, tenant: str, project: str, wanted: Wanted, after: Position | None, limit: int) -> list[dict[str, Any]]:
        named = {"source_id": wanted.source_id, "run_id": wanted.run_id, "dataset": wanted.dataset}
        conditions: list[str] = []
        parameters: list[object] = []
        if wanted.reason:
            # Among the reasons of any of the record's violations.
            conditions.append("list_contains([violation.reason FOR violation IN reasons], ?)")
            parameters.append(wanted.reason)
        if wanted.since is not None:
            conditions.append("captured_at >= ?")
            parameters.append(wanted.since)
        if wanted.until is not None:
            conditions.append("captured_at < ?")
            parameters.append(wanted.until)
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
        # The database first: a commit is in the table before it is there.
        with self._metadata.reading() as connection:
            versions = dataset_rows.versions(connection, tenant, project)
            told = chunk_rows.last_held_back(connection, tenant, project, versions)
        found = last_files(self._root / quarantine_folder(tenant, project))
        for dataset, last in told.items():
            require_quarantine_sequence(dataset, found.sequence(quarantine_application(dataset)), last)
        self._verified.check(found.files)
        return found.files, found.columns

    def _withdrawn(self, tenant: str, project: str) -> list[str]:
        with self._metadata.reading() as connection:
            versions = dataset_rows.versions(connection, tenant, project)
            return chunk_rows.withdrawn(connection, tenant, project, versions)

    def _status(self, tenant: str, project: str, rows: list[dict[str, Any]]) -> list[Held]:
        with self._metadata.reading() as connection:
            statuses = status_rows.find(connection, tenant, project, [row["quarantine_id"] for row in rows])
        return [Held(row, statuses.get(row["quarantine_id"])) for row in rows]
