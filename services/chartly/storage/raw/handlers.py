"""Serves ``BlobService``: raw bytes in and out. It trusts no digest that a caller sends; the repository computes it."""

from collections.abc import AsyncIterator

from chartly.platform.blocking import Blocking
from chartly.platform.config import Limits
from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.storage.errors import BlobTooLarge
from chartly.storage.metrics import StorageMetrics
from chartly.v1 import blob_pb2 as pb
from chartly.v1.blob_pb2_grpc import BlobServiceServicer

from .repository import BlobRepository
from .wire import raw_ref

PART_BYTES = 1 << 20
"""Bytes of one message of GetBlob: far below the message bound, and large enough that framing costs nothing."""


class BlobHandlers(BlobServiceServicer):
    """PutBlob and GetBlob."""

    def __init__(self, blobs: BlobRepository, blocking: Blocking, limits: Limits, metrics: StorageMetrics) -> None:
        self._blobs = blobs
        self._blocking = blocking
        self._payload_bytes_max = limits.payload_bytes_max
        self._metrics = metrics

    async def PutBlob(self, request_iterator: AsyncIterator[pb.PutBlobRequest], context: Context) -> pb.PutBlobResponse:
        """Store bytes under their digest; return when bytes and row are durable."""
        scope = current_scope()
        header: pb.BlobHeader | None = None
        content = bytearray()
        async for message in request_iterator:
            if message.WhichOneof("part") == "header":
                header = message.header
                continue
            content += message.data
            if len(content) > self._payload_bytes_max:
                raise BlobTooLarge(self._payload_bytes_max)
        if header is None:
            raise InvalidRequest(violations=(FieldViolation("header", "is required"),))
        blob, created = await self._blocking.run(
            self._blobs.put, (scope.tenant, scope.project), content, content_type=header.content_type, source_id=header.source_id
        )
        if created:
            self._metrics.stored(blob.size_bytes)
        return pb.PutBlobResponse(raw=raw_ref(blob), created=created)

    async def GetBlob(self, request: pb.GetBlobRequest, context: Context) -> AsyncIterator[pb.GetBlobResponse]:
        """Stream bytes; a whole blob is verified before the first message is sent."""
        scope = current_scope()
        found = await self._blocking.run(self._blobs.read, (scope.tenant, scope.project), request.sha256, request.offset, request.length)
        content = memoryview(found)
        for start in range(0, len(content), PART_BYTES):
            yield pb.GetBlobResponse(data=bytes(content[start : start + PART_BYTES]))
