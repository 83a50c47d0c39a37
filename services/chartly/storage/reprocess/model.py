"""Values of a rebuild: what is to be rebuilt, what was staged, what that changes. Pure."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from chartly.storage.model import Counts, DatasetKey, DedupePolicy, FrozenRef, QuarantineStatus, Value


class ReprocessState(StrEnum):
    """Planned: its chunks are fixed. Diffed: all are staged and compared. Applied: a version holds the result."""

    PLANNED = "planned"
    DIFFED = "diffed"
    APPLIED = "applied"


class ChunkFilter(Value, frozen=True, kw_only=True):
    """Which chunks are rebuilt, and with what."""

    normalizer: FrozenRef
    replaces: str = ""
    """Name of the normalizer whose chunks are meant; empty: that of ``normalizer``."""
    since: datetime | None = None
    until: datetime | None = None
    quarantined: bool = False

    @property
    def replaced_name(self) -> str:
        """The normalizer's name, whichever version and namespace."""
        return self.replaces or profile_name(self.normalizer.ref)

    def holds(self, landed_at: datetime, quarantined: int) -> bool:
        """Whether a chunk of the right normalizer is in the window."""
        if self.since is not None and landed_at < self.since:
            return False
        if self.until is not None and landed_at >= self.until:
            return False
        return bool(quarantined) or not self.quarantined


class Answer(StrEnum):
    """What became of a quarantined record that nobody waits for any more."""

    EDITED = "edited"
    """Somebody corrected it: the correction stands for its raw bytes, also when a profile accepts these."""
    DISCARDED = "discarded"
    """Somebody gave it up, whatever a profile says."""
    RETURNED = "returned"
    """A profile accepted it as it is, so the next one decides anew."""


class Settled(Value, frozen=True, kw_only=True):
    """A record of a chunk that is rebuilt, whose quarantine was ended."""

    status: QuarantineStatus
    raw_sha256: str
    offset: int
    work_key: str
    """Of the chunk that it came with."""
    commit_version: int
    """Of the commit that wrote its row in quarantine."""
    canonical: bool
    """Whether it is in the dataset; else it was a duplicate, or is given up."""

    @property
    def answer(self) -> Answer:
        """How it was ended."""
        if self.status.state == "discarded":
            return Answer.DISCARDED
        return Answer.EDITED if self.status.after_sha256 else Answer.RETURNED

    @property
    def stays(self) -> bool:
        """Whether a person decided it: a rebuild doesn't decide anew."""
        return self.answer is not Answer.RETURNED


class Difference(Value, frozen=True, kw_only=True):
    """What a rebuild changes."""

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
    """One record that a rebuild changes; values as JSON has them."""

    change: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    place: dict[str, Any] | None = None
    violations: tuple[dict[str, str], ...] = ()


class Reprocess(Value, frozen=True, kw_only=True):
    """One rebuild of a dataset."""

    reprocess_id: str
    key: DatasetKey
    scope: ChunkFilter
    state: ReprocessState
    created_at: datetime
    base_version: int
    chunks: int
    raw_bytes: int
    policy: DedupePolicy | None = None
    """What a record does whose key is known with other content; as the profile says, known with the first staged chunk."""
    difference: Difference | None = None
    samples: tuple[Sample, ...] = ()
    version: int = 0
    rebased_to: int = 0


class StagedChunk(Value, frozen=True, kw_only=True):
    """One chunk of a rebuild."""

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
    """Take the name out of a reference: ``tenant/project::normalizer/sales@1.0.0`` is ``sales``."""
    return reference.rpartition("::")[2].partition("/")[2].partition("@")[0]


def chunk_work_key(raw_sha256: str, profile_hash: str, dataset: str) -> str:
    """Hash a chunk's identity, as the normalizer does when it loads one: so a later load of the same bytes finds the rebuilt chunk."""
    identity = {"dataset": dataset, "profile_hash": profile_hash, "raw_sha256": raw_sha256}
    return _digest(identity)


def rebuild_work_key(reprocess_id: str, dataset: str) -> str:
    """Name the commit that applies a rebuild."""
    return _digest({"dataset": dataset, "rebuild": reprocess_id})


def restore_work_key(dataset: str, version: int, base_version: int) -> str:
    """Name the commit that restores ``version`` on top of ``base_version``."""
    return _digest({"base_version": base_version, "dataset": dataset, "restore": version})


def chunks_digest(chunks: Sequence[tuple[str, str]]) -> str:
    """Hash the work keys and digests of a rebuild's chunks, in their order: what the ledger holds of them."""
    lines = "".join(f"{work_key} {digest}\n" for work_key, digest in chunks)
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def _digest(identity: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def encoded(reprocess: Reprocess) -> str:
    """Write a reprocess as JSON."""
    return msgspec.json.encode(reprocess).decode()


def decoded(text: str) -> Reprocess:
    """Read ``encoded`` back."""
    return msgspec.json.decode(text, type=Reprocess)
