"""Compares a commit with the files of computing it a second time. Blocking; it changes nothing."""

from pathlib import Path

from chartly.platform.metadata import Metadata
from chartly.storage.arrow import pa
from chartly.storage.commit import rows as commit_rows
from chartly.storage.errors import VersionUnknown
from chartly.storage.model import Commit, DatasetKey, WriteMode
from chartly.storage.reading.reader import Reader
from chartly.storage.table import columns as c
from chartly.storage.table.content_hash import content_of_rows
from chartly.storage.table.digests import accepted_digest, digest_column, rejected_digest
from chartly.storage.table.envelope import read_staged

from .committed_records import held_records
from .compare import CommittedFacts, Judged, RecomputedCommit, judge


class CommitComparison:
    """Finds commits and compares them."""

    def __init__(self, metadata: Metadata, reader: Reader) -> None:
        self._metadata = metadata
        self._reader = reader

    def commit(self, key: DatasetKey, version: int) -> Commit:
        """Return the commit that made a version.

        Raises:
            VersionUnknown: the dataset has no such version.
        """
        with self._metadata.reading() as connection:
            commit = commit_rows.by_sequence(connection, key, version)
        if commit is None:
            raise VersionUnknown(key.dataset, version)
        return commit

    def compare(self, commit: Commit, folder: Path, files: tuple[str, str], records: int) -> Judged:
        """Compare a commit with the second result.

        Args:
            commit: the commit.
            folder: where the files are.
            files: names of the files of accepted and rejected records; empty for none.
            records: how many records the second result has.

        Raises:
            StagedFileInvalid: no plan or query wrote the files.
        """
        if commit.mode is WriteMode.REPLACE:
            rows = read_staged(folder, files[0], ())
            count, digest = (rows.num_rows, f"sha256:{content_of_rows(rows)[0].hexdigest()}") if rows is not None else (0, "")
            return judge(commit, RecomputedCommit(records=count, content_hash=digest), None)
        accepted = read_staged(folder, files[0], c.ACCEPTED)
        rejected = read_staged(folder, files[1], c.REJECTED)
        recomputed = RecomputedCommit(records=records, accepted_digest=_accepted(accepted), rejected_digest=rejected_digest(rejected))
        return judge(commit, recomputed, self._held(commit, accepted))

    def _held(self, commit: Commit, accepted: "pa.Table | None") -> CommittedFacts | None:
        """Compare with the rows of the version that the commit made; if its files are removed, of the last version."""
        if not commit.counts.canonical:
            return None
        for version in (commit.sequence, 0):
            try:
                files = self._reader.snapshot(commit.key, version)[2]
            except VersionUnknown:
                continue
            return held_records(commit, files, accepted)
        return None


def _accepted(rows: "pa.Table | None") -> str:
    none = pa.array([], pa.binary(32))
    if rows is None:
        return accepted_digest(none, none)
    return accepted_digest(digest_column(rows.column(c.IDEMPOTENCY_KEY)), digest_column(rows.column(c.RECORD_ID)))
