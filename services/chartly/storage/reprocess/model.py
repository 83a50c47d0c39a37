"""The values of a reprocess: the selected chunks, the staged chunks, the differences. Pure."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from chartly.storage.model import Counts, DatasetKey, DedupePolicy, FrozenRef, QuarantineStatus, Value


class ReprocessState(StrEnum):
    """Planned: the chunks are fixed. Diffed: all chunks are staged and compared. Applied: a dataset version holds the result."""

    PLANNED = "planned"
    DIFFED = "diffed"
    APPLIED = "applied"


class ChunkFilter(Value, frozen=True, kw_only=True):
    """Selects the chunks to reprocess, and names the profile for them."""

    normalizer: FrozenRef
    replaces: str = ""
    """Name of the normalizer that made the chunks; empty for the name of ``normalizer``."""
    since: datetime | None = None
    until: datetime | None = None
    quarantined: bool = False

    @property
    def replaced_name(self) -> str:
        """The normalizer's name without version and namespace."""
        return self.replaces or profile_name(self.normalizer.ref)

    def holds(self, landed_at: datetime, quarantined: int) -> bool:
        """Return whether a chunk of this normalizer is in the time window."""
        if self.since is not None and landed_at < self.since:
            return False
        if self.until is not None and landed_at >= self.until:
            return False
        return bool(quarantined) or not self.quarantined


class Answer(StrEnum):
    """How the quarantine of a record ended."""

    EDITED = "edited"
    """A person corrected it. The correction replaces its raw bytes, also if a profile accepts these."""
    DISCARDED = "discarded"
    """A person discarded it. It stays out, also if a profile accepts it."""
    RETURNED = "returned"
    """A profile accepted it unchanged, so the next profile decides it again."""


class Settled(Value, frozen=True, kw_only=True):
    """A record of a reprocessed chunk that was released or discarded."""

    status: QuarantineStatus
    raw_sha256: str
    offset: int
    work_key: str
    """Work key of its original chunk."""
    commit_version: int
    """Sequence of the commit that wrote its quarantine row."""
    canonical: bool
    """Whether it is in the dataset. Otherwise it was a duplicate, or was discarded."""

    @property
    def answer(self) -> Answer:
        """How its quarantine ended."""
        if self.status.state == "discarded":
            return Answer.DISCARDED
        return Answer.EDITED if self.status.after_sha256 else Answer.RETURNED

    @property
    def stays(self) -> bool:
        """Whether a person decided it. A reprocess does not change that decision."""
        return self.answer is not Answer.RETURNED


class Difference(Value, frozen=True, kw_only=True):
    """The differences that a reprocess makes."""

    base_version: int
    base_rows: int
    base_content_hash: str
    chunks: int
    unchanged: int
    changed: int
    appear: int
    vanish: int
    newly_quarantined: int
    no_longer_quarantined: int
    outside: int
    edited: int = 0
    discarded: int = 0
    counts: Counts
    reasons: dict[str, int]
    rows: int
    content_hash: str


class Sample(Value, frozen=True, kw_only=True):
    """One record that a reprocess changes, with values as JSON."""

    change: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    place: dict[str, Any] | None = None
    violations: tuple[dict[str, str], ...] = ()


class Reprocess(Value, frozen=True, kw_only=True):
    """A reprocess job of a dataset."""

    reprocess_id: str
    key: DatasetKey
    scope: ChunkFilter
    state: ReprocessState
    created_at: datetime
    base_version: int
    chunks: int
    raw_bytes: int
    policy: DedupePolicy | None = None
    """The profile's dedupe policy, for a known key with other content. It is set with the first staged chunk."""
    difference: Difference | None = None
    samples: tuple[Sample, ...] = ()
    version: int = 0
    rebased_to: int = 0


class StagedChunk(Value, frozen=True, kw_only=True):
    """One chunk of a reprocess."""

    place: int
    raw_sha256: str
    source_id: str
    captured_at: datetime | None
    ingested_at: datetime
    position: int
    staged: bool = False
    records: int = 0
    accepted: int = 0
    rejected: int = 0


def profile_name(reference: str) -> str:
    """Return the name in a reference: ``sales`` for ``tenant/project::normalizer/sales@1.0.0``."""
    return reference.rpartition("::")[2].partition("/")[2].partition("@")[0]


def chunk_work_key(raw_sha256: str, profile_hash: str, dataset: str) -> str:
    """Return a chunk's work key, as the normalizer computes it, so that a later load of the same bytes finds the reprocessed chunk."""
    identity = {"dataset": dataset, "profile_hash": profile_hash, "raw_sha256": raw_sha256}
    return _digest(identity)


def reprocess_work_key(reprocess_id: str, dataset: str) -> str:
    """Return the work key of the commit that applies a reprocess."""
    return _digest({"dataset": dataset, "rebuild": reprocess_id})


def restore_work_key(dataset: str, version: int, base_version: int) -> str:
    """Return the work key of the commit that restores ``version`` after ``base_version``."""
    return _digest({"base_version": base_version, "dataset": dataset, "restore": version})


def chunks_digest(chunks: Sequence[tuple[str, str]]) -> str:
    """Return a hash of the work keys and digests of a reprocess's chunks, in order. The ledger has this hash."""
    lines = "".join(f"{work_key} {digest}\n" for work_key, digest in chunks)
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def _digest(identity: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def encoded(reprocess: Reprocess) -> str:
    """Return a reprocess as JSON."""
    return msgspec.json.encode(reprocess).decode()


def decoded(text: str) -> Reprocess:
    """Return the reprocess that ``encoded`` wrote."""
    return msgspec.json.decode(text, type=Reprocess)
