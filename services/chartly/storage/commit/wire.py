"""Encodes receipts, decodes the origins of chunks and of derived datasets."""

from typing import Any

from chartly.storage import wire
from chartly.storage.model import Origin, Receipt, WriteMode
from chartly.v1 import commit_pb2 as pb


def receipt(value: Receipt) -> pb.CommitReceipt:
    """Encode what one submission of a chunk did."""
    commit = value.commit
    return pb.CommitReceipt(
        work_key=commit.submission.work_key,
        dataset=commit.key.dataset,
        dataset_version=commit.sequence,
        counts=wire.counts(value.counts),
        quarantine_reasons=wire.reason_counts(value.reasons),
        content_hash=commit.content_hash,
        committed_at=wire.timestamp(commit.committed_at),
        run_id=commit.submission.run_id,
        replayed=value.replayed,
        chunk_counts=wire.counts(commit.counts),
        chunk_digest=commit.chunk_digest,
        accepted_digest=commit.accepted_digest,
        rejected_digest=commit.rejected_digest,
        rebuilt=commit.mode is WriteMode.REBUILD,
    )


def origin(message: pb.ChunkOrigin) -> Origin:
    """Decode what a chunk was made from."""
    return Origin(
        source_id=message.source_id,
        raw_sha256=message.raw.sha256,
        captured_at=wire.time_of(message.raw.captured_at) if message.raw.HasField("captured_at") else None,
        normalizer=wire.frozen_of(message.normalizer),
        records_in=message.records_in,
        dedupe_policy=wire.dedupe_policy(message.dedupe_policy),
    )


def derivation(message: pb.Derivation) -> dict[str, Any]:
    """Return what the ledger records of a derived dataset's version: the query's profile and its inputs. Empty for a canonical dataset."""
    if not message.inputs:
        return {}
    inputs = [{"dataset": each.dataset, "version": each.version, "content_hash": each.content_hash} for each in message.inputs]
    return {"analytics_ref": message.analytics.ref, "analytics_hash": message.analytics.hash, "inputs": inputs}
