"""Datasets as readers see them: rows and pages of records. Blocking; it changes nothing."""

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
from .scan import ROW_NUMBER, page, typed_terms
from .snapshots import Snapshots, require_files


class Reader:
    """Reads what is committed. Safe for threads."""

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
        """Name the files that hold a dataset at a version, and its columns then; 0 is the last.

        Raises:
            DatasetUnknown: there is no such dataset.
            VersionUnknown: there is no such version, or no more.
            Corrupt: the last one's files or log are not complete.
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
        """Name a version's files as ``snapshot`` does, once their bytes are found to be those that were written.

        Raises:
            Corrupt: a file's bytes changed; they are never served.
        """
        found = self.snapshot(key, version)
        self._verified.check(found[2])
        return found

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
        """A derived dataset's rows have no place of their own: they are paged by where they lie in its file."""
        columns = [*(column.name for column in dataset.columns), ROW_NUMBER]
        position = None if after is None else after[1:]
        return page(files, columns=columns, order=(ROW_NUMBER,), after=position, terms=terms, limit=limit)
