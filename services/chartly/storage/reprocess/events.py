"""The ledger events of a reprocess and a rollback, and the content hash's state after them. Digests and counts, never a value."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from chartly.platform.outbox import Event
from chartly.storage.arrow import native, pa
from chartly.storage.commit.dataset_rows import DatasetRow
from chartly.storage.errors import Corrupt
from chartly.storage.model import Commit, Counts

from .compare import ReprocessInputs
from .model import Difference

if TYPE_CHECKING:
    Keys = Iterable[tuple[pa.Array, pa.Array]]

_CHANGES = ("unchanged", "changed", "appear", "vanish", "outside", "edited", "discarded", "newly_quarantined", "no_longer_quarantined")
# Items that a list in a ledger entry may have.
_PROFILES_TOLD_MAX = 64


def content_state(held: DatasetRow, removed: "Keys", added: "Keys", content_hash: str) -> bytes:
    """Return the content hash's state after a change.

    Raises:
        Corrupt: the state does not give the expected hash.
    """
    content = native.ContentHash(held.content_state or None)
    for keys, record_ids in removed:
        content.remove(keys, record_ids)
    for keys, record_ids in added:
        content.add(keys, record_ids)
    if f"sha256:{content.hexdigest()}" != content_hash:
        raise Corrupt(f"table {held.dataset.key.dataset}", "its records do not come to the content hash that they had")
    return content.state()


def reprocessed(commit: Commit, inputs: ReprocessInputs, difference: Difference, principal: str) -> Event:
    """Return the event of an applied reprocess."""
    former = sorted({chunk.origin.normalizer.hash for chunk in inputs.replaced})
    details: dict[str, Any] = {
        "reprocess_id": inputs.reprocess.reprocess_id,
        "normalizer_ref": commit.origin.normalizer.ref,
        "normalizer_hash": commit.origin.normalizer.hash,
        "former_normalizer_hashes": former[:_PROFILES_TOLD_MAX],
        "chunks": difference.chunks,
        "chunks_digest": commit.chunk_digest,
        "changes": {name: getattr(difference, name) for name in _CHANGES},
    }
    return _event("dataset.reprocessed", commit, inputs.held, principal, details)


def rolled_back(commit: Commit, held: DatasetRow, restored: Commit, principal: str) -> Event:
    """Return the event of a rollback."""
    return _event("dataset.rolled_back", commit, held, principal, {"restored_version": restored.sequence})


def _event(kind: str, commit: Commit, held: DatasetRow, principal: str, facts: dict[str, Any]) -> Event:
    details = {
        "work_key": commit.submission.work_key,
        "base_version": held.dataset.version,
        "base_content_hash": held.dataset.content_hash,
        "dataset_version": commit.sequence,
        "content_hash": commit.content_hash,
        "rows": commit.rows,
        "counts": _counts(commit.counts),
        **facts,
    }
    return Event(
        key=f"{kind}/{commit.key.dataset}/{commit.sequence}",
        type=kind,
        subject=f"dataset/{commit.key.dataset}",
        run_id=commit.submission.run_id,
        principal=principal,
        occurred_at=commit.committed_at,
        details=details,
    )


def _counts(counts: Counts) -> dict[str, int]:
    """Return the counts of the whole dataset. Its present counts are these plus those of later commits."""
    return {name: value for name, value in asdict(counts).items() if name != "replayed"}
