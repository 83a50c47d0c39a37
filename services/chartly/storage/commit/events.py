"""The ledger's event of a new dataset version: digests, references and counts, never a value. The one builder of ``dataset.updated``."""

from collections.abc import Mapping
from typing import Any

from chartly.platform.outbox import Event
from chartly.storage.model import Commit


def dataset_updated(commit: Commit, principal: str, facts: Mapping[str, Any]) -> Event:
    """Return the event of the version that ``commit`` made. ``facts`` are what this kind of commit records in addition.

    The ledger has no negative numbers: records that left quarantine are counted as ``released``, and ``quarantined`` is then zero.
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
        "accepted_digest": commit.accepted_digest,
        "rejected_digest": commit.rejected_digest,
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
    return Event(
        # With the version, since a chunk that was rolled back may be committed again.
        key=f"dataset.updated/{commit.key.dataset}/{commit.submission.work_key}/{commit.sequence}",
        type="dataset.updated",
        subject=f"dataset/{commit.key.dataset}",
        run_id=commit.submission.run_id,
        principal=principal,
        occurred_at=commit.committed_at,
        details=details | dict(facts),
    )
