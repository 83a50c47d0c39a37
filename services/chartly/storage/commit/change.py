"""Changes that storage makes to a dataset by itself: what is over goes, what disagrees is made to agree. Describes; commits nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chartly.storage.arrow import native, pa
from chartly.storage.model import Commit, Counts, Event, Origin, Submission, TableFile, WriteMode
from chartly.storage.table.digests import chunk_digest

from .chunk import Chunk
from .dataset_rows import DatasetRow
from .events import dataset_updated

NOBODY = Origin()
"""The origin of rows that nobody sent: a change brings none."""


@dataclass(frozen=True)
class Change:
    """A new version of a dataset that takes rows out, or says better what is in it."""

    mode: WriteMode
    keys: "pa.Array"
    """Of the rows that go."""
    index_ids: "pa.Array"
    """What the index holds for these keys from then on."""
    added: tuple[TableFile, ...]
    removed: tuple[str, ...]
    rows_added: int
    """By how much the dataset's row count changes."""
    content: "native.ContentHash"
    """Of the dataset after the change."""
    facts: Mapping[str, Any]
    """What the ledger shall know of it."""
    principal: str

    def chunk(self) -> Chunk:
        """Give the change as what a commit is made of."""
        none = pa.array([], pa.binary(32))
        digest = chunk_digest(none)
        return Chunk(None, self.keys, self.index_ids, none, None, None, None, Counts(), self.rows_added, digest, self.content)

    def submission(self, held: DatasetRow) -> Submission:
        """Who writes it: the same change of the same version is the same work."""
        key = held.dataset.key
        work = hashlib.sha256(f"{self.mode}/{key.path}/{held.dataset.version}".encode()).hexdigest()
        return Submission(work_key=work, submission_id=work)

    def events(self, commit: Commit, held: DatasetRow) -> tuple[Event, ...]:
        """Tell of the new version, and of the one before."""
        before = {"previous_version": held.dataset.version, "previous_content_hash": held.dataset.content_hash}
        return (dataset_updated(commit, self.principal, before | dict(self.facts)),)
