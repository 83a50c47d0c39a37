"""What the ledger learns of a version that storage makes by itself: digests, references and counts, never a value. It sends nothing."""

from collections.abc import Mapping
from typing import Any

from chartly.storage.model import Commit, Event


def dataset_updated(commit: Commit, principal: str, facts: Mapping[str, Any]) -> Event:
    """Give the event of a version that no run wrote; ``facts`` say what kind of change it is.

    The ledger takes no negative numbers: a commit by which records leave quarantine counts 0 quarantined, and says ``released``.
    """
    counts = commit.counts
    details: dict[str, Any] = {
        "work_key": commit.submission.work_key,
        "mode": commit.mode.value,
        "storage_ref": commit.storage.ref,
        "storage_hash": commit.storage.hash,
        "dataset_version": commit.sequence,
        "content_hash": commit.content_hash,
        "chunk_digest": commit.chunk_digest,
        "rows": commit.rows,
        "counts": {
            "records_in": counts.records_in,
            "canonical": counts.canonical,
            "duplicates": counts.duplicates,
            "quarantined": max(0, counts.quarantined),
        },
    }
    if commit.origin.raw_sha256:
        details |= {
            "raw_sha256": commit.origin.raw_sha256,
            "normalizer_ref": commit.origin.normalizer.ref,
            "normalizer_hash": commit.origin.normalizer.hash,
        }
    if commit.origin.edit_sha256:
        details["edit_sha256"] = commit.origin.edit_sha256
    return Event(
        key=f"dataset.updated/{commit.key.dataset}/{commit.submission.work_key}/{commit.sequence}",
        type="dataset.updated",
        subject=f"dataset/{commit.key.dataset}",
        run_id=commit.submission.run_id,
        principal=principal,
        occurred_at=commit.committed_at,
        details=details | dict(facts),
    )
