"""Quarantine over the wire: what was rejected, why, and its bytes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chartly.platform.call import Context
from chartly.platform.paging import BadPageToken, page_position, page_size, page_token
from chartly.platform.scope import Scope, current_scope
from chartly.storage.domain import columns as c
from chartly.storage.domain.names import QUARANTINE_ID
from chartly.storage.errors import BadFilter, BlobUnknown, QuarantineUnknown
from chartly.storage.store import blob_rows
from chartly.v1 import error_reason_pb2
from chartly.v1 import storage_pb2 as pb

from . import encode
from .base import Handlers

_QUARANTINE = "quarantine"
_REASONS = frozenset(error_reason_pb2.Reason.DESCRIPTOR.values_by_name)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class QuarantineHandlers(Handlers):
    """ListQuarantinedRecords and GetQuarantinedRecord."""

    async def ListQuarantinedRecords(
        self, request: pb.ListQuarantinedRecordsRequest, context: Context
    ) -> pb.ListQuarantinedRecordsResponse:
        """List newest first."""
        scope, size = current_scope(), page_size(request.page_size, self._rooms.limits)
        if request.reason and f"REASON_{request.reason}" not in _REASONS:
            raise BadFilter("reason is not one of the reason codes")
        position = page_position(_QUARANTINE, request.page_token, 2)
        after: tuple[object, ...] | None = None
        if position is not None:
            if not isinstance(position[0], int):
                raise BadPageToken
            after = (_EPOCH + position[0] * _MICROSECOND, position[1])
        wanted = {"source_id": request.source_id, "run_id": request.run_id, "dataset": request.dataset}
        rows = await self._rooms.blocking.run(
            self._rooms.reader.quarantined, scope.tenant, scope.project, wanted, request.reason, after, size + 1
        )
        token = ""
        if len(rows) > size:
            last = rows[size - 1]
            token = page_token(_QUARANTINE, (last["captured_at"] - _EPOCH) // _MICROSECOND, last["quarantine_id"])
        return pb.ListQuarantinedRecordsResponse(records=[encode.quarantined(row) for row in rows[:size]], next_page_token=token)

    async def GetQuarantinedRecord(self, request: pb.GetQuarantinedRecordRequest, context: Context) -> pb.QuarantinedRecord:
        """Read one with its payload."""
        if not QUARANTINE_ID.fullmatch(request.quarantine_id):
            raise QuarantineUnknown(request.quarantine_id[:64])
        return await self._rooms.blocking.run(self._read, current_scope(), request.quarantine_id)

    def _read(self, scope: Scope, quarantine_id: str) -> pb.QuarantinedRecord:
        row = self._rooms.reader.quarantined_record(scope.tenant, scope.project, quarantine_id)
        return encode.quarantined(row, self._payload(scope, row))

    def _payload(self, scope: Scope, row: dict[str, Any]) -> str:
        """The record's raw bytes as text, from where they lie in the blob."""
        with self._rooms.metadata.reading() as connection:
            blob = blob_rows.find(connection, scope.tenant, scope.project, row["raw_sha256"])
        if blob is None:
            raise BlobUnknown(row["raw_sha256"])
        # A record above its bound is in quarantine for just that; its beginning is enough to see what it is.
        length = min(row[c.RAW_LENGTH], self._rooms.limits.record_bytes_max)
        return self._rooms.blobs.get_range(blob.key, row[c.RAW_OFFSET], length).decode("utf-8", "replace")
