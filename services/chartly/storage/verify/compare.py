"""Finds the differences between a commit and its second computation, without I/O. Its sentences name digests and counts, never values."""

from collections.abc import Iterator
from enum import StrEnum

from chartly.storage.model import Commit, Value, WriteMode


class Verdict(StrEnum):
    """The result of a comparison. ``UNCOVERED``: nothing was left to compare with."""

    EQUAL = "equal"
    UNEQUAL = "unequal"
    UNCOVERED = "uncovered"


class RecomputedCommit(Value, frozen=True, kw_only=True):
    """The result of the second computation of a commit."""

    records: int
    accepted_digest: str = ""
    rejected_digest: str = ""
    content_hash: str = ""
    """Content hash of a derived dataset's rows; empty for a chunk."""


class CommittedFacts(Value, frozen=True, kw_only=True):
    """The commit's records in the table, compared with the recomputed ones."""

    rows: int
    kept_digest: str
    """Digest over the ids of the recomputed records that the table holds at the same key and place, in the order of the raw bytes."""
    unlike: int = 0
    """Number of the table's records that have another id than the recomputed record, or no recomputed record."""
    damaged: tuple[str, ...] = ()
    """Names of the files whose bytes changed since they were written."""


class Judged(Value, frozen=True, kw_only=True):
    """A verdict with its reasons."""

    verdict: Verdict
    findings: tuple[str, ...]


def judge(commit: Commit, recomputed: RecomputedCommit, held: CommittedFacts | None) -> Judged:
    """Compare a commit with its second computation and with its records in the table; ``held`` is None if the table has none to compare."""
    differences = [*_differences(commit, recomputed), *(_unlike(commit, held) if held is not None else ())]
    gaps = list(_gaps(commit, held))
    verdict = Verdict.UNEQUAL if differences else Verdict.UNCOVERED if gaps and not commit.accepted_digest else Verdict.EQUAL
    return Judged(verdict=verdict, findings=(*differences, *gaps))


def _differences(commit: Commit, recomputed: RecomputedCommit) -> Iterator[str]:
    if recomputed.records != commit.counts.records_in:
        yield f"{commit.counts.records_in} records were committed; recomputing gives {recomputed.records}."
    if commit.mode is WriteMode.REPLACE:
        if recomputed.content_hash != commit.content_hash:
            yield f"The committed content hash is {commit.content_hash}; recomputing gives {recomputed.content_hash}."
        return
    for name, was, now in (
        ("accepted", commit.accepted_digest, recomputed.accepted_digest),
        ("rejected", commit.rejected_digest, recomputed.rejected_digest),
    ):
        if was and was != now:
            yield f"The committed digest of the {name} records is {was}; recomputing gives {now}."


def _unlike(commit: Commit, held: CommittedFacts) -> Iterator[str]:
    for name in held.damaged:
        yield f"The bytes of the file {name} changed since it was written."
    if held.unlike:
        yield f"{held.unlike} of the table's records have another record id than the recomputed records."
    if held.rows == commit.counts.canonical and held.kept_digest != commit.chunk_digest:
        yield f"The committed digest of the canonical records is {commit.chunk_digest}; that of the table's records is {held.kept_digest}."


def _gaps(commit: Commit, held: CommittedFacts | None) -> Iterator[str]:
    if commit.mode is WriteMode.REPLACE:
        return
    if not commit.accepted_digest:
        yield "The commit has no digests of its accepted and rejected records: an older version of storage made it."
    rows = held.rows if held is not None else 0
    if rows < commit.counts.canonical and (held is None or not held.damaged):
        yield f"The versions whose files are kept hold {rows} of the commit's {commit.counts.canonical} canonical records."
