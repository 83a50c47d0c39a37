"""What the ledger learns of a committed chunk: digests, references and counts, never a value."""

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from chartly.v1 import audit_pb2, commit_pb2, normalizer_pb2


def dataset_updated(request: normalizer_pb2.NormalizeRequest, receipt: commit_pb2.CommitReceipt) -> audit_pb2.AuditEvent:
    """Give the event of one commit. The same commit gives the same event, whichever submission asks."""
    details = Struct()
    details.update(
        {
            "work_key": receipt.work_key,
            "raw_sha256": request.raw.sha256,
            "normalizer_ref": request.normalizer.ref,
            "normalizer_hash": request.normalizer.hash,
            "storage_ref": request.storage.ref,
            "storage_hash": request.storage.hash,
            "dataset_version": receipt.dataset_version,
            "content_hash": receipt.content_hash,
            "chunk_digest": receipt.chunk_digest,
            "accepted_digest": receipt.accepted_digest,
            "rejected_digest": receipt.rejected_digest,
            "counts": {name: int(count) for name, count in MessageToDict(receipt.chunk_counts, preserving_proto_field_name=True).items()},
        }
    )
    return audit_pb2.AuditEvent(
        # With the version: a chunk that was rolled back may be committed again.
        event_key=f"dataset.updated/{receipt.dataset}/{receipt.work_key}/{receipt.dataset_version}",
        type="dataset.updated",
        occurred_at=receipt.committed_at,
        run_id=receipt.run_id,
        subject=f"dataset/{receipt.dataset}",
        details=details,
    )
