"""Datasets as readers see them: rows, pages of records, quarantined records. Blocking; it changes nothing."""

from pathlib import Path
from typing import Any

from chartly.platform.metadata import Metadata
from chartly.storage.domain import columns as c
from chartly.storage.domain.filter import Term
from chartly.storage.domain.model import Commit, Dataset, DatasetKey
from chartly.storage.domain.names import quarantine_folder
from chartly.storage.errors import DatasetUnknown, QuarantineUnknown, VersionUnknown

from . import chunk_rows, commit_rows, dataset_rows
from .scan import ROW_NUMBER, page, typed_terms
from .snapshots import Snapshots, last_files, require_files

_QUARANTINE_ORDER = ("captured_at", "quarantine_id")
_QUARANTINE_COLUMNS = (
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
)

# Rows of chunks that a rebuild replaced or a rollback undid stay in the table, for a way back, and are no longer shown.
_HELD = "concat_ws('/', dataset, sequence, substr(quarantine_id, 3, 32)) NOT IN (SELECT unnest(?::VARCHAR[]))"


class Reader:
    """Reads what is committed. Safe for threads."""

    def __init__(self, metadata: Metadata, root: Path) -> None:
        self._metadata = metadata
        self._root = root
        self._snapshots = Snapshots(root)

    def dataset(self, key: DatasetKey) -> Dataset:
        """Read a dataset at its last version.

        Raises:
            DatasetUnknown: it has no commit yet.
        """
        with self._metadata.reading() as connection:
            held = dataset_rows.find(connection, key)
        if held is None:
            raise DatasetUnknown(key.dataset)
        return held.dataset

    def datasets(self, tenant: str, project: str, after: str, limit: int) -> list[Dataset]:
        """Read a project's datasets by name."""
        with self._metadata.reading() as connection:
            return dataset_rows.page(connection, tenant, project, after, limit)

    def snapshot(self, key: DatasetKey, version: int) -> tuple[Dataset, Commit, tuple[Path, ...]]:
        """Name the files that hold a dataset at a version; 0 is the last.

        Raises:
            DatasetUnknown: there is no such dataset.
            VersionUnknown: there is no such version, or no more.
        """
        with self._metadata.reading() as connection:
            held = dataset_rows.find(connection, key)
            if held is None:
                raise DatasetUnknown(key.dataset)
            commit = commit_rows.by_sequence(connection, key, version or held.dataset.version)
        if commit is None:
            raise VersionUnknown(key.dataset, version)
        files = self._snapshots.files(commit)
        require_files(commit, files, last=commit.sequence == held.dataset.version)
        return held.dataset, commit, files

    def table(self, commit: Commit) -> Path:
        """Folder of a commit's table."""
        return self._snapshots.table(commit)

    def records(
        self, key: DatasetKey, version: int, terms: tuple[Term, ...], after: tuple[int, int] | None, limit: int
    ) -> tuple[int, list[dict[str, Any]]]:
        """Read a page of records in the order of their commits and, within one, of the raw bytes; tells the version read.

        Raises:
            BadFilter: a term doesn't fit the columns.
        """
        dataset, commit, files = self.snapshot(key, version)
        types = {column.name: column.type for column in dataset.columns}
        order = (c.SEQUENCE, c.RAW_OFFSET)
        if dataset.derived:
            return commit.sequence, self._derived(dataset, files, typed_terms(terms, types), after, limit)
        columns = [column.name for column in dataset.columns]
        rows = page(files, columns=columns, order=order, after=after, terms=typed_terms(terms, types), limit=limit)
        return commit.sequence, rows

    @staticmethod
    def _derived(
        dataset: Dataset,
        files: tuple[Path, ...],
        terms: list[tuple[str, object]],
        after: tuple[int, int] | None,
        limit: int,
    ) -> list[dict[str, Any]]:
        """A derived dataset's rows have no place of their own: they are paged by where they lie in its file."""
        columns = [*(column.name for column in dataset.columns), ROW_NUMBER]
        position = None if after is None else after[1:]
        return page(files, columns=columns, order=(ROW_NUMBER,), after=position, terms=terms, limit=limit)

    def quarantined(
        self,
        tenant: str,
        project: str,
        wanted: dict[str, str],
        reason: str,
        after: tuple[object, ...] | None,
        limit: int,
    ) -> list[dict[str, Any]]:
        """Read a page of quarantined records, newest first."""
        terms = [(name, value) for name, value in wanted.items() if value]
        # Among the reasons of any of the record's violations.
        condition = "list_contains([violation.reason FOR violation IN reasons], ?)" if reason else ""
        conditions: list[tuple[str, object]] = [(condition, reason)] if reason else []
        withdrawn = self._withdrawn(tenant, project)
        if withdrawn:
            conditions.append((_HELD, withdrawn))
        return page(
            self._quarantine_files(tenant, project),
            columns=_QUARANTINE_COLUMNS,
            order=_QUARANTINE_ORDER,
            after=after,
            descending=True,
            terms=terms,
            condition=" AND ".join(each for each, _ in conditions),
            parameters=[value for _, value in conditions],
            limit=limit,
        )

    def quarantined_record(self, tenant: str, project: str, quarantine_id: str) -> dict[str, Any]:
        """Read one quarantined record.

        Raises:
            QuarantineUnknown: none has the id.
        """
        rows = page(
            self._quarantine_files(tenant, project),
            columns=_QUARANTINE_COLUMNS,
            order=_QUARANTINE_ORDER,
            after=None,
            terms=[("quarantine_id", quarantine_id)],
            condition=_HELD,
            parameters=[self._withdrawn(tenant, project)],
            limit=1,
        )
        if not rows:
            raise QuarantineUnknown(quarantine_id)
        return rows[0]

    def _withdrawn(self, tenant: str, project: str) -> list[str]:
        with self._metadata.reading() as connection:
            versions = dataset_rows.versions(connection, tenant, project)
            return chunk_rows.withdrawn(connection, tenant, project, versions)

    def _quarantine_files(self, tenant: str, project: str) -> list[Path]:
        return last_files(self._root / quarantine_folder(tenant, project))
