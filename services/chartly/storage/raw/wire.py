"""Encodes references of blobs."""

from chartly.storage import wire
from chartly.v1 import common_pb2

from .rows import Blob


def raw_ref(blob: Blob) -> common_pb2.RawRef:
    """Encode a blob's reference."""
    return common_pb2.RawRef(
        bucket=blob.bucket,
        key=blob.key,
        sha256=blob.sha256,
        content_type=blob.content_type,
        captured_at=wire.timestamp(blob.captured_at),
        size_bytes=blob.size_bytes,
    )


def raw_ref_or_digest(blob: Blob | None, sha256: str) -> common_pb2.RawRef:
    """Encode a blob's reference; of a blob that has no row any more, the digest alone."""
    return raw_ref(blob) if blob is not None else common_pb2.RawRef(sha256=sha256)
