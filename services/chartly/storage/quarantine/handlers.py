"""Quarantine over the wire: what was rejected, why, where it stands, and its bytes."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from google.protobuf.timestamp_pb2 import Timestamp

from chartly.platform.identity.policy import allows
from chartly.platform.identity.scope import Scope, current_scope
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.paging import BadPageToken, page_position, page_size, page_token
from chartly.storage import encode
from chartly.storage.errors import BadFilter, QuarantineUnknown
from chartly.storage.handler_base import Handlers
from chartly.storage.names import QUARANTINE_ID
from chartly.v1 import error_reason_pb2
from chartly.v1 import quarantine_pb2 as pb

from .reader import Position
from .states import STATES, Wanted

_QUARANTINE = "quarantine"
_UNSEAL = "quarantine.unseal"
_REASONS = frozenset(error_reason_pb2.Reason.DESCRIPTOR.values_by_name)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Filter(Protocol):
    """What a listing and an act on many records are both asked with."""

    reason: str
    source_id: str
    run_id: str
    dataset: str

    @property
    def since(self) -> Timestamp:
        """The first instant."""
        ...

    @property
    def until(self) -> Timestamp:
        """The instant after the last."""
        ...


class QuarantineHandlers(Handlers):
    """ListQuarantinedRecords and GetQuarantinedRecord."""

    async def ListQuarantinedRecords(
        self, request: pb.ListQuarantinedRecordsRequest, context: Context
    ) -> pb.ListQuarantinedRecordsResponse:
        """List newest first."""
        scope, size = current_scope(), page_size(request.page_size)
        if request.state and request.state not in STATES:
            raise BadFilter("state is not open, retried, released or discarded")
        asked = wanted(request, frozenset({request.state}) if request.state else frozenset())
        after = position_in(request.page_token)
        found, last = await self._rooms.blocking.run(self._rooms.quarantined.page, scope.tenant, scope.project, asked, after, size)
        return pb.ListQuarantinedRecordsResponse(
            records=[encode.quarantined(held) for held in found], next_page_token=token_of(last) if last else ""
        )

    async def GetQuarantinedRecord(self, request: pb.GetQuarantinedRecordRequest, context: Context) -> pb.QuarantinedRecord:
        """Read one with its payload, a sealed one's only for those who may open it."""
        if not QUARANTINE_ID.fullmatch(request.quarantine_id):
            raise QuarantineUnknown(request.quarantine_id[:64])
        return await self._rooms.blocking.run(self._read, current_scope(), request.quarantine_id)

    def _read(self, scope: Scope, quarantine_id: str) -> pb.QuarantinedRecord:
        held = self._rooms.quarantined.records(scope.tenant, scope.project, [quarantine_id], payloads=True)[0]
        if encode.is_sealed(held) and not allows(scope.roles, _UNSEAL):
            return encode.quarantined(held)
        payload = self._rooms.payloads.read(scope.tenant, scope.project, held.row)
        # A record above its bound is in quarantine for just that; its beginning is enough to see what it is.
        return encode.quarantined(held, payload[: self._rooms.limits.record_bytes_max].decode("utf-8", "replace"))


def wanted(asked: Filter, states: frozenset[str]) -> Wanted:
    """Read a filter.

    Raises:
        BadFilter: the reason is none.
    """
    if asked.reason and f"REASON_{asked.reason}" not in _REASONS:
        raise BadFilter("reason is not one of the reason codes")
    since, until = encode.time_of(asked.since), encode.time_of(asked.until)
    return Wanted(
        reason=asked.reason,
        source_id=asked.source_id,
        run_id=asked.run_id,
        dataset=asked.dataset,
        states=states,
        since=since if since > _EPOCH else None,
        until=until if until > _EPOCH else None,
    )


def position_in(token: str) -> Position | None:
    """Read where the last page ended.

    Raises:
        BadPageToken: the token is not one of ours.
    """
    position = page_position(_QUARANTINE, token, 2)
    if position is None:
        return None
    if not isinstance(position[0], int):
        raise BadPageToken
    return (_EPOCH + position[0] * _MICROSECOND, position[1])


def token_of(position: Position) -> str:
    """Write where a page ended."""
    captured_at, quarantine_id = position
    if not isinstance(captured_at, datetime):
        raise BadPageToken
    return page_token(_QUARANTINE, (captured_at - _EPOCH) // _MICROSECOND, str(quarantine_id))
