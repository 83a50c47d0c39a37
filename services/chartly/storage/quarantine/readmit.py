"""Decides quarantined records that are tried once more: which enter the dataset, and what the statuses and ledger events are.

It writes nothing. The records were counted when their chunk was committed; a readmission only moves counts from quarantined to canonical or
duplicates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartly.platform.outbox import Event
from chartly.storage.arrow import pa, pc
from chartly.storage.commit.chunk import StagedFiles, read_chunk
from chartly.storage.commit.chunk_rows import ChunkRow, withdrawn_name
from chartly.storage.dedupe.decide import DecidedChunk, decide_appended
from chartly.storage.model import Commit, Counts, DatasetKey, Origin, QuarantineStatus, Submission
from chartly.storage.table import columns as c
from chartly.storage.table.envelope import CONFLICT, EXPIRED

from .states import WAITING, Returning, State, attempts_of, digest_of_ids, state_of

if TYPE_CHECKING:
    from chartly.storage.dedupe.decide import LookUp


@dataclass(frozen=True)
class Readmission:
    """A request to readmit records of one chunk that ran through a plan once more. A release has one record, corrected."""

    key: DatasetKey
    submission: Submission
    origin: Origin
    staged: StagedFiles
    records: tuple[Returning, ...]
    chunk: ChunkRow
    """The chunk that brought the records."""
    principal: str
    justification: str = ""
    """Of a release."""
    before_sha256: str = ""
    after_sha256: str = ""

    @property
    def releases(self) -> bool:
        """Whether a person corrected the record."""
        return bool(self.after_sha256)


@dataclass(frozen=True)
class Readmitted:
    """The decision about the records of a readmission."""

    readmission: Readmission
    chunk: DecidedChunk
    tried: tuple[Returning, ...]
    """The records that were still open or retried when they were decided."""
    held_back: Mapping[int, tuple[dict[str, str], ...]]
    """Violations of the records that stay in quarantine, by offset."""

    def statuses(self, commit: Commit) -> tuple[QuarantineStatus, ...]:
        """Where the records stand after ``commit``."""
        return tuple(self._status(each, commit) for each in self.tried)

    def events(self, commit: Commit) -> tuple[Event, ...]:
        """Return the event of what was done to which records; the finisher adds the one of the dataset's new version."""
        return (self._edited(commit) if self.readmission.releases else self._retried(commit, self._released()),)

    def ledger_facts(self) -> dict[str, Any]:
        """Return what the ledger records of the new version, in addition to what it records of every version."""
        edit_sha256 = self.readmission.origin.edit_sha256
        return {"released": len(self._released()), **({"edit_sha256": edit_sha256} if edit_sha256 else {})}

    def _released(self) -> list[str]:
        return [each.quarantine_id for each in self.tried if each.offset not in self.held_back]

    def _status(self, tried: Returning, commit: Commit) -> QuarantineStatus:
        violations = self.held_back.get(tried.offset)
        asked = self.readmission
        return QuarantineStatus(
            quarantine_id=tried.quarantine_id,
            dataset=commit.key.dataset,
            state=State.RELEASED if violations is None else State.RETRIED,
            attempts=tried.attempt,
            violations=violations or (),
            profile_hash=commit.origin.normalizer.hash,
            principal=asked.principal,
            justification=asked.justification,
            before_sha256=asked.before_sha256,
            after_sha256=asked.after_sha256,
            version=commit.sequence if violations is None else 0,
            chunk=withdrawn_name(commit.key.dataset, asked.chunk.commit_version, asked.chunk.work_key),
            changed_at=commit.committed_at,
        )

    def _retried(self, commit: Commit, released: list[str]) -> Event:
        details: dict[str, Any] = {
            "dataset": commit.key.dataset,
            "records": len(self.tried),
            "released": len(released),
            "held_back": len(self.held_back),
            "quarantine_ids_digest": digest_of_ids(each.quarantine_id for each in self.tried),
            "released_ids_digest": digest_of_ids(released),
        }
        return self._event(commit, "quarantine.retried", f"dataset/{commit.key.dataset}", details)

    def _edited(self, commit: Commit) -> Event:
        asked, record = self.readmission, self.tried[0]
        details: dict[str, Any] = {
            "dataset": commit.key.dataset,
            "justification": asked.justification,
            "raw_offset": record.offset,
            "before_sha256": asked.before_sha256,
            "after_sha256": asked.after_sha256,
            "released": not self.held_back,
        }
        return self._event(commit, "quarantine.released", f"quarantine/{record.quarantine_id}", details)

    def _event(self, commit: Commit, kind: str, subject: str, details: dict[str, Any]) -> Event:
        origin, work_key = commit.origin, commit.submission.work_key
        common = {
            "work_key": work_key,
            "raw_sha256": origin.raw_sha256,
            "normalizer_ref": origin.normalizer.ref,
            "normalizer_hash": origin.normalizer.hash,
            "dataset_version": commit.sequence,
        }
        return Event(
            key=f"{kind}/{work_key}",
            type=kind,
            subject=subject,
            run_id=commit.submission.run_id,
            principal=self.readmission.principal,
            occurred_at=commit.committed_at,
            details=common | details,
        )


def decide_readmitted(
    readmission: Readmission, statuses: Mapping[str, QuarantineStatus], look_up: "LookUp", content_state: bytes
) -> Readmitted | None:
    """Decide the records that are still open or retried and expect this attempt; return None if there are none.

    The caller holds the dataset's lock. Of two callers that try the same record, the second one finds it settled.

    Raises:
        StagedFileInvalid, InvalidRequest: the files are not what a plan writes.
    """
    accepted, rejected = read_chunk(readmission.staged, readmission.origin)
    tried = tuple(each for each in readmission.records if _waits(each, statuses.get(each.quarantine_id)))
    if not tried:
        return None
    offsets = [each.offset for each in tried]
    chunk = decide_appended(
        _at(accepted, c.RAW_OFFSET, offsets),
        _at(rejected, c.REJECTED_PLACE_OFFSET, offsets),
        policy=readmission.origin.dedupe_policy,
        look_up=look_up,
        content_state=content_state,
        admit_expired=readmission.releases,
    )
    held_back = _held_back(chunk)
    moved = chunk.counts.canonical + chunk.counts.duplicates
    counts = Counts(canonical=chunk.counts.canonical, duplicates=chunk.counts.duplicates, quarantined=-moved)
    # No record is rejected a first time here, and the digests over a whole chunk are those of the commit that appended it.
    moves = replace(chunk, rejected=None, conflicts=None, expired=None, counts=counts, accepted_digest="", rejected_digest="")
    return Readmitted(readmission, moves, tried, held_back)


def _waits(record: Returning, status: QuarantineStatus | None) -> bool:
    return state_of(status) in WAITING and attempts_of(status) == record.attempt - 1


def _at(rows: "pa.Table | None", column: str, offsets: list[int]) -> "pa.Table | None":
    if rows is None:
        return None
    return rows.filter(pc.is_in(rows.column(column).cast(pa.int64()), value_set=pa.array(offsets, pa.int64())))


def _held_back(chunk: DecidedChunk) -> dict[int, tuple[dict[str, str], ...]]:
    found: dict[int, tuple[dict[str, str], ...]] = {}
    if chunk.rejected is not None:
        rows = chunk.rejected.select([c.REJECTED_PLACE_OFFSET, c.VIOLATIONS]).to_pylist()
        found |= {int(row[c.REJECTED_PLACE_OFFSET]): tuple(row[c.VIOLATIONS]) for row in rows}
    for rows, violation in ((chunk.conflicts, CONFLICT), (chunk.expired, EXPIRED)):
        if rows is not None:
            found |= dict.fromkeys(map(int, rows.column(c.RAW_OFFSET).to_pylist()), (violation,))
    return found
