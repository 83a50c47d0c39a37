"""The stream of messages that ``PutBlob`` takes."""

from collections.abc import AsyncIterator

from chartly.v1 import blob_pb2

# gRPC sends messages of up to 4 MiB by default; a quarter of that keeps several in flight within a small window.
MESSAGE_BYTES = 1024 * 1024


async def blob_messages(content: bytes, content_type: str, source_id: str) -> AsyncIterator[blob_pb2.PutBlobRequest]:
    """Yield a header, then the bytes in order: ``await clients.blob.PutBlob(blob_messages(…))``."""
    yield blob_pb2.PutBlobRequest(header=blob_pb2.BlobHeader(content_type=content_type, source_id=source_id))
    for start in range(0, len(content), MESSAGE_BYTES):
        yield blob_pb2.PutBlobRequest(data=content[start : start + MESSAGE_BYTES])
