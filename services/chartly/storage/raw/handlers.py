"""Raw blobs over the wire."""

import hashlib
from collections.abc import AsyncIterator

from sqlalchemy.exc import IntegrityError

from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.identity.scope import Scope, current_scope
from chartly.platform.rpc.call import Context
from chartly.storage import encode
from chartly.storage.errors import BlobTooLarge, BlobUnknown
from chartly.storage.handler_base import Handlers, Rooms
from chartly.storage.names import blob_key
from chartly.storage.table.record_contracts import declared_content_type
from chartly.v1 import blob_pb2 as pb

from . import rows as blob_rows
from .blobs import checked
from .rows import Blob

# One message: far below the message bound, and large enough that framing costs nothing.
PART_BYTES = 1 << 20


class BlobHandlers(Handlers):
    """PutBlob and GetBlob."""

    async def PutBlob(self, request_iterator: AsyncIterator[pb.PutBlobRequest], context: Context) -> pb.PutBlobResponse:
        """Store bytes under their digest; acknowledged when they and their row are durable."""
        scope = current_scope()
        header: pb.BlobHeader | None = None
        content = bytearray()
        async for message in request_iterator:
            if message.WhichOneof("part") == "header":
                header = message.header
                continue
            content += message.data
            if len(content) > self._rooms.limits.payload_bytes_max:
                raise BlobTooLarge(self._rooms.limits.payload_bytes_max)
        if header is None:
            raise InvalidRequest(violations=(FieldViolation("header", "is required"),))
        blob, created = await self._rooms.blocking.run(put_blob, self._rooms, scope, header, content)
        if created:
            self._rooms.metrics.stored(blob.size_bytes)
        return pb.PutBlobResponse(raw=encode.raw_ref(blob), created=created)

    async def GetBlob(self, request: pb.GetBlobRequest, context: Context) -> AsyncIterator[pb.GetBlobResponse]:
        """Stream bytes; whole blobs are checked before the first byte leaves."""
        content = memoryview(await self._rooms.blocking.run(self.read_blob, current_scope(), request))
        for start in range(0, len(content), PART_BYTES):
            yield pb.GetBlobResponse(data=bytes(content[start : start + PART_BYTES]))

    def read_blob(self, scope: Scope, request: pb.GetBlobRequest) -> bytes:
        """Read a blob or a part of it, on a thread."""
        blob = _known(self._rooms, scope, request.sha256)
        if not request.offset and not request.length:
            return checked(self._rooms.blobs.get(blob.key), blob.sha256)
        length = min(request.length or blob.size_bytes, max(0, blob.size_bytes - request.offset))
        return self._rooms.blobs.get_range(blob.key, request.offset, length) if length else b""


def put_blob(rooms: Rooms, scope: Scope, header: pb.BlobHeader, content: bytes | bytearray) -> tuple[Blob, bool]:
    """Store bytes and their row, durably, on a thread; tell whether they are new."""
    digest = hashlib.sha256(content).hexdigest()
    store = rooms.blobs
    key = blob_key(scope.tenant, scope.project, digest)
    # Also when the row is there: a damaged file is made good by whoever brings the bytes again.
    store.put(key, content)
    blob = Blob(
        tenant=scope.tenant,
        project=scope.project,
        sha256=digest,
        bucket=store.bucket,
        key=key,
        content_type=declared_content_type(header.content_type),
        source_id=header.source_id,
        captured_at=rooms.clock.now(),
        size_bytes=len(content),
    )
    try:
        with rooms.metadata.writing() as connection:
            kept = blob_rows.insert(connection, blob)
    except IntegrityError:
        # Another process stored the same bytes at the same time; the first one's row stands.
        kept = _known(rooms, scope, digest)
    return kept, kept is blob


def _known(rooms: Rooms, scope: Scope, digest: str) -> Blob:
    with rooms.metadata.reading() as connection:
        blob = blob_rows.find(connection, scope.tenant, scope.project, digest)
    if blob is None:
        raise BlobUnknown(digest)
    return blob
