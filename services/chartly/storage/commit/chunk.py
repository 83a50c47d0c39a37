"""A chunk as its writer hands it in: which dataset, which profiles, and the staged files. Reads those files; decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.storage.errors import StagedFileInvalid
from chartly.storage.model import DatasetKey, FrozenRef, Origin, Submission, WriteMode
from chartly.storage.policy import StoragePolicy
from chartly.storage.table import columns as c
from chartly.storage.table.envelope import read_staged

if TYPE_CHECKING:
    from chartly.storage.arrow import pa


@dataclass(frozen=True)
class StagedFiles:
    """The files that a ticket's holder wrote."""

    folder: Path
    accepted_file: str
    rejected_file: str


@dataclass(frozen=True, kw_only=True)
class Write:
    """A request to commit a chunk: which dataset, under which rules, from which files."""

    key: DatasetKey
    submission: Submission
    mode: WriteMode
    storage: FrozenRef
    policy: StoragePolicy
    staged: StagedFiles
    origin: Origin
    principal: str = ""
    """Who caused the write."""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the ledger records of this chunk, in addition to what it records of every commit."""


def read_chunk(staged: StagedFiles, origin: Origin) -> "tuple[pa.Table | None, pa.Table | None]":
    """Read the plan's accepted and rejected records.

    Raises:
        StagedFileInvalid: a file is not what a plan writes.
        InvalidRequest: the files hold another number of records than ``origin`` says.
    """
    accepted = read_staged(staged.folder, staged.accepted_file, c.ACCEPTED)
    rejected = read_staged(staged.folder, staged.rejected_file, c.REJECTED)
    rejected_count = rejected.num_rows if rejected is not None else 0
    accepted_count = accepted.num_rows if accepted is not None else 0
    if accepted_count + rejected_count != origin.records_in:
        rule = f"says {origin.records_in}, the files hold {accepted_count} accepted and {rejected_count} rejected"
        raise InvalidRequest(violations=(FieldViolation("origin.records_in", rule),))
    return accepted, rejected


def read_replacement(staged: StagedFiles) -> "pa.Table":
    """Read the new content of a derived dataset.

    Raises:
        StagedFileInvalid: there is no file, or it is no Parquet file.
    """
    rows = read_staged(staged.folder, staged.accepted_file, ())
    if rows is None:
        raise StagedFileInvalid("accepted_file", "is required: a derived dataset may be empty, but has columns")
    return rows
