"""Whether what was done again is what was committed. Pure: facts in, sentences out; they name digests and counts, never a value."""

from collections.abc import Iterator
from enum import StrEnum

from chartly.storage.model import Commit, Value, WriteMode


class Verdict(StrEnum):
    """Uncovered: there was nothing to compare with."""

    EQUAL = "equal"
    UNEQUAL = "unequal"
    UNCOVERED = "uncovered"


class Redone(Value, frozen=True, kw_only=True):
    """What doing a commit again gave."""

    records: int
    accepted_digest: str = ""
    rejected_digest: str = ""
    content_hash: str = ""
    """Of a derived dataset's rows."""


class CommittedFacts(Value, frozen=True, kw_only=True):
    """The commit's records as the table holds them."""

    rows: int
    kept_digest: str
    """Over the record ids that the redone records at the same keys and places have, in the order of the raw bytes."""
    unlike: int = 0
    """Records whose id is not the redone one's, or that were not made again at all."""
    damaged: tuple[str, ...] = ()
    """Files whose bytes are not those that were written."""


class Judged(Value, frozen=True, kw_only=True):
    """A verdict with its reasons."""

    verdict: Verdict
    findings: tuple[str, ...]


def judge(commit: Commit, redone: Redone, held: CommittedFacts | None) -> Judged:
    """Compare a commit with what doing it again gave, and with what the table holds of it; None when it holds nothing to compare."""
    differences = [*_differences(commit, redone), *(_unlike(commit, held) if held is not None else ())]
    gaps = list(_gaps(commit, held))
    verdict = Verdict.UNEQUAL if differences else Verdict.UNCOVERED if gaps and not commit.accepted_digest else Verdict.EQUAL
    return Judged(verdict=verdict, findings=(*differences, *gaps))


def _differences(commit: Commit, redone: Redone) -> Iterator[str]:
    if redone.records != commit.counts.records_in:
        yield f"{commit.counts.records_in} records were committed, doing it again gives {redone.records}."
    if commit.mode is WriteMode.REPLACE:
        if redone.content_hash != commit.content_hash:
            yield f"The content hash was {commit.content_hash}, doing it again gives {redone.content_hash}."
        return
    for name, was, now in (
        ("accepted", commit.accepted_digest, redone.accepted_digest),
        ("rejected", commit.rejected_digest, redone.rejected_digest),
    ):
        if was and was != now:
            yield f"The digest of the {name} records was {was}, doing it again gives {now}."


def _unlike(commit: Commit, held: CommittedFacts) -> Iterator[str]:
    for name in held.damaged:
        yield f"The bytes of {name} are not those that were written."
    if held.unlike:
        yield f"{held.unlike} of the table's records have another record id than doing it again gives."
    if held.rows == commit.counts.canonical and held.kept_digest != commit.chunk_digest:
        yield f"The digest of the canonical records was {commit.chunk_digest}, the table's come to {held.kept_digest}."


def _gaps(commit: Commit, held: CommittedFacts | None) -> Iterator[str]:
    if commit.mode is WriteMode.REPLACE:
        return
    if not commit.accepted_digest:
        yield "The commit is from before digests of accepted and rejected records were kept."
    rows = held.rows if held is not None else 0
    if rows < commit.counts.canonical and (held is None or not held.damaged):
        yield f"The table holds {rows} of its {commit.counts.canonical} records at the versions that are kept."
