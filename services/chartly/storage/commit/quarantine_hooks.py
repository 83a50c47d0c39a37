"""What a commit needs of quarantine, as a protocol. The quarantine room implements it; this room imports nothing of quarantine."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection

from chartly.storage.model import Commit, DatasetKey, QuarantineStatus, StatusLocation

if TYPE_CHECKING:
    from chartly.storage.arrow import pa

RowLocations = Mapping[str, Sequence[str]]
"""Quarantine ids by the name of the chunk's rows (``chunk_rows.withdrawn_name``) that hold them."""


class QuarantineHooks(Protocol):
    """Called at fixed points of every commit. Blocking; safe for threads."""

    def attach_payloads(self, rows: "pa.Table", commit: Commit, *, seal_all: bool) -> "pa.Table":
        """Add the records' payloads to a commit's quarantine rows, before these are written.

        Args:
            rows: quarantine rows of one chunk.
            commit: the commit that writes them.
            seal_all: whether all payloads are encrypted, or only those of records that broke a policy.
        """
        ...

    def locate_reappearing(self, key: DatasetKey, files: Mapping[str, Sequence[Path]]) -> RowLocations:
        """Find quarantined records that have a status from an earlier version of the dataset and appear again in new files.

        Args:
            key: the dataset.
            files: the new quarantine files, by the work key of the appended chunk that they belong to.
        """
        ...

    def relocate_statuses(self, connection: Connection, key: DatasetKey, locations: RowLocations) -> None:
        """Point statuses to the rows that the dataset holds now. Called in the transaction that decides the commit."""
        ...

    def locations(self, connection: Connection, key: DatasetKey, found: RowLocations) -> tuple[StatusLocation, ...]:
        """Return where the statuses point to that ``relocate_statuses`` may move."""
        ...

    def remove_since(self, connection: Connection, key: DatasetKey, version: int, moved: Sequence[StatusLocation]) -> None:
        """Undo what commits from ``version`` on changed at statuses, in the transaction that sets them aside."""
        ...

    def store_statuses(self, connection: Connection, key: DatasetKey, statuses: Iterable[QuarantineStatus]) -> None:
        """Store the statuses that the commit changes. Called in the transaction that finishes the commit."""
        ...
