"""A model of hub and storage by the promises of their protos: idempotent by sequence and by item, one atomic commit for each chunk."""

from dataclasses import dataclass, field
from typing import Any

from chartly.v1 import common_pb2
from chartly.v1 import coordinator_pb2 as pb

from .world import Lost, Node


@dataclass(frozen=True)
class Page:
    """Raw bytes by their digest, and their records."""

    digest: str
    accepted: tuple[str, ...]
    rejected: int


@dataclass
class PlaneDisk:
    """The stored data of hub and storage."""

    syncs: dict[tuple[str, int], pb.WorkOutcome] = field(default_factory=dict[tuple[str, int], pb.WorkOutcome])
    chunks: dict[str, str] = field(default_factory=dict[str, str])
    """The run that committed each page."""
    answers: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """What each item was answered, for good."""
    dataset: list[str] = field(default_factory=list[str])
    """Canonical records in the order of their commits; no key may come twice."""


@dataclass(eq=False)
class Plane(Node):
    """The services that drones call."""

    sources: dict[str, list[Page]] = field(default_factory=dict[str, list[Page]])
    disk: PlaneDisk = field(default_factory=PlaneDisk)
    pages_a_sync: int = 2
    poisoned: set[str] = field(default_factory=set[str])
    """Pages that kill the work on them, until the scenario removes the fault."""

    def sync(self, run_id: str, source_id: str, sequence: int) -> pb.WorkOutcome | None:
        """Return the pages of one sync; the same sequence returns the same pages."""
        pages = self.sources[source_id]
        first = sequence * self.pages_a_sync
        given = [common_pb2.RawRef(sha256=page.digest, size_bytes=1) for page in pages[first : first + self.pages_a_sync]]
        answer = pb.WorkOutcome(connector_sync=pb.SyncOutcome(pages=given, finished=first + self.pages_a_sync >= len(pages), requests=1))
        try:
            self.commit(lambda: self._note_sync((run_id, sequence), answer))
        except Lost:
            return None
        return self.disk.syncs[run_id, sequence]

    def _note_sync(self, key: tuple[str, int], answer: pb.WorkOutcome) -> None:
        self.disk.syncs.setdefault(key, answer)

    def normalize(self, run_id: str, item_key: str, source_id: str, digest: str) -> pb.WorkOutcome | None:
        """Commit one page for one item; a repeated item gets its first answer."""
        page = next(page for page in self.sources[source_id] if page.digest == digest)

        def write() -> None:
            if item_key in self.disk.answers:
                return
            by = self.disk.chunks.setdefault(digest, run_id)
            total = len(page.accepted) + page.rejected
            counts = {"records_in": total, "canonical": 0, "duplicates": 0, "quarantined": 0, "replayed": 0}
            first = not any(answer["chunk"] == digest for answer in self.disk.answers.values())
            if first:
                fresh = [record for record in dict.fromkeys(page.accepted) if record not in self.disk.dataset]
                self.disk.dataset.extend(fresh)
                counts |= {"canonical": len(fresh), "duplicates": len(page.accepted) - len(fresh), "quarantined": page.rejected}
            elif by == run_id:
                counts["duplicates"] = total
            else:
                counts["replayed"] = total
            reasons = [{"reason": "CONTRACT_VIOLATION", "records": counts["quarantined"]}] if counts["quarantined"] else []
            self.disk.answers[item_key] = {"chunk": digest, "counts": counts, "quarantine_reasons": reasons}

        try:
            self.commit(write)
        except Lost:
            return None
        answer = self.disk.answers[item_key]
        reasons = [common_pb2.ReasonCount(**each) for each in answer["quarantine_reasons"]]
        counts = common_pb2.RecordCounts(**answer["counts"])
        return pb.WorkOutcome(normalize=pb.NormalizeOutcome(counts=counts, quarantine_reasons=reasons))
