"""Quarantine's part of every commit: the payloads of rejected records, and the statuses of records that appear again."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from chartly.platform.metadata import Metadata
from chartly.storage.commit import chunk_rows
from chartly.storage.commit.quarantine_hooks import RowLocations
from chartly.storage.model import Commit, DatasetKey, QuarantineStatus, StatusLocation
from chartly.storage.names import quarantine_id_prefix

from . import status_rows
from .payloads import Payloads
from .row_locations import locate_rows, relocate_statuses

if TYPE_CHECKING:
    from chartly.storage.arrow import pa


class CommitHooks:
    """Implements ``commit.quarantine_hooks.QuarantineHooks``."""

    def __init__(self, payloads: Payloads, metadata: Metadata) -> None:
        self._payloads = payloads
        self._metadata = metadata

    def attach_payloads(self, rows: "pa.Table", commit: Commit, *, seal_all: bool) -> "pa.Table":
        """Add the records' payloads to a commit's quarantine rows.

        Raises:
            Corrupt: the raw bytes are not those that the chunk was made from.
        """
        return self._payloads.attach(rows, commit, seal_all=seal_all)

    def locate_reappearing(self, key: DatasetKey, files: Mapping[str, Sequence[Path]]) -> RowLocations:
        """Find records of appended chunks that have a status from before a rollback: the same chunk brings the same ids."""
        with self._metadata.reading() as connection:
            reappearing = [work_key for work_key in files if chunk_rows.was_committed(connection, key, work_key)]
            with_status = status_rows.ids(connection, key) if reappearing else []
        found: dict[str, Sequence[str]] = {}
        for work_key in reappearing:
            prefix = quarantine_id_prefix(work_key)
            found |= locate_rows(key, [each for each in with_status if each.startswith(prefix)], files[work_key])
        return found

    def relocate_statuses(self, connection: Connection, key: DatasetKey, locations: RowLocations) -> None:
        """Point statuses to the rows that the dataset holds now."""
        relocate_statuses(connection, key, locations)

    def locations(self, connection: Connection, key: DatasetKey, found: RowLocations) -> tuple[StatusLocation, ...]:
        """Return where the statuses point to that ``relocate_statuses`` may move."""
        ids = sorted({quarantine_id for at in found.values() for quarantine_id in at})
        held = status_rows.find(connection, key.tenant, key.project, ids)
        return tuple(StatusLocation(quarantine_id, status.chunk) for quarantine_id, status in held.items())

    def remove_since(self, connection: Connection, key: DatasetKey, version: int, moved: Sequence[StatusLocation]) -> None:
        """Undo what commits from ``version`` on changed at statuses, in the transaction that sets them aside."""
        status_rows.remove_since(connection, key, version)
        for location in moved:
            status_rows.moved(connection, key, [location.quarantine_id], location.chunk)

    def store_statuses(self, connection: Connection, key: DatasetKey, statuses: Iterable[QuarantineStatus]) -> None:
        """Store the statuses that a commit changes."""
        status_rows.put(connection, key.tenant, key.project, statuses)
