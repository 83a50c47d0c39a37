"""Reads datasets: descriptions, files of a version, pages of records. Blocking; it changes nothing."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from chartly.platform.metadata import Metadata
from chartly.storage.commit import dataset_rows
from chartly.storage.commit import rows as commit_rows
from chartly.storage.errors import Corrupt, DatasetUnknown, VersionUnknown
from chartly.storage.model import Commit, Dataset, DatasetKey
from chartly.storage.table import columns as c
from chartly.storage.table.verified_files import VerifiedFiles

from .filter import Term
from .scan import page, typed_terms
from .snapshots import Snapshots, require_files


class Reader:
    """Reads committed versions. Safe for threads."""

    def __init__(self, metadata: Metadata, root: Path) -> None:
        self._metadata = metadata
        self._root = root
        self._snapshots = Snapshots(root)
        self._verified = VerifiedFiles()

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
        """Return a dataset with its columns at a version, the commit, and the version's files. Version 0 is the last one.

        Raises:
            DatasetUnknown: the dataset does not exist.
            VersionUnknown: the version does not exist, or its files were deleted.
            Corrupt: the last version's files or log are not complete.
        """
        with self._metadata.reading() as connection:
            held = dataset_rows.find(connection, key)
            if held is None:
                raise DatasetUnknown(key.dataset)
            commit = commit_rows.by_sequence(connection, key, version or held.dataset.version)
        if commit is None:
            raise VersionUnknown(key.dataset, version)
        last = commit.sequence == held.dataset.version
        try:
            files, columns = self._snapshots.at(commit)
        except VersionUnknown as gone:
            if not last:
                raise
            raise Corrupt(f"table {key.dataset}", "its transaction log is damaged, or lacks the last version") from gone
        require_files(commit, files, last=last)
        return replace(held.dataset, columns=columns), commit, files

    def served(self, key: DatasetKey, version: int) -> tuple[Dataset, Commit, tuple[Path, ...]]:
        """Return what ``snapshot`` does, after the bytes of the files were checked.

        Raises:
            Corrupt: a file's bytes changed.
        """
        found = self.snapshot(key, version)
        self._verified.check(found[2])
        return found

    def table(self, commit: Commit) -> Path:
        """Return the folder of a commit's table."""
        return self._snapshots.table(commit)

    def records(
        self, key: DatasetKey, version: int, terms: tuple[Term, ...], after: tuple[int, int] | None, limit: int
    ) -> tuple[int, list[dict[str, Any]]]:
        """Read a page of records, ordered by commit and by place in the raw bytes; return the version and the records.

        Raises:
            BadFilter: a term doesn't fit the columns.
        """
        dataset, commit, files = self.served(key, version)
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
        """Read a page of a derived dataset. Its rows have no place in raw bytes, so they are ordered by their row number in the file."""
        columns = [*(column.name for column in dataset.columns), c.ROW_NUMBER]
        position = None if after is None else after[1:]
        return page(files, columns=columns, order=(c.ROW_NUMBER,), after=position, terms=terms, limit=limit)
