"""The records that a call names, by ids or by a filter, and the pages of listings."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from google.protobuf.timestamp_pb2 import Timestamp

from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.paging import BadPageToken, page_position, page_token
from chartly.storage.errors import BadFilter
from chartly.storage.wire import time_of
from chartly.v1 import error_reason_pb2
from chartly.v1 import quarantine_pb2 as pb

from .reader import Position, QuarantinedRecord
from .records import QuarantineRecords
from .states import WAITING, RecordFilter

_QUARANTINE = "quarantine"
_REASONS = frozenset(error_reason_pb2.Reason.DESCRIPTOR.values_by_name)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Filter(Protocol):
    """The fields that ListQuarantinedRecordsRequest and QuarantineFilter have in common."""

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


async def select(
    records: QuarantineRecords, request: pb.RetryQuarantinedRequest | pb.DiscardQuarantinedRequest, batch_max: int
) -> tuple[list[QuarantinedRecord], str]:
    """Return the records that a call's ids or filter name, and the token of the filter's next page.

    Raises:
        InvalidRequest: there are both ids and a filter, or neither.
        BadFilter, BadPageToken: the filter or its page token is malformed.
        QuarantineUnknown: an id does not exist.
    """
    scope, ids = current_scope(), list(dict.fromkeys(request.quarantine_ids))
    if bool(ids) == request.HasField("filter"):
        raise InvalidRequest(violations=(FieldViolation("quarantine_ids", "set either ids or a filter"),))
    if ids:
        return await records.find(scope, ids), ""
    request_filter, after = record_filter(request.filter, frozenset(WAITING)), position_in(request.page_token)
    found, last = await records.page(scope, request_filter, after, batch_max)
    return found, token_of(last) if last else ""


def record_filter(request_filter: Filter, states: frozenset[str]) -> RecordFilter:
    """Decode a filter.

    Raises:
        BadFilter: the reason is not a reason code.
    """
    if request_filter.reason and f"REASON_{request_filter.reason}" not in _REASONS:
        raise BadFilter("reason is not one of the reason codes")
    since, until = time_of(request_filter.since), time_of(request_filter.until)
    return RecordFilter(
        reason=request_filter.reason,
        source_id=request_filter.source_id,
        run_id=request_filter.run_id,
        dataset=request_filter.dataset,
        states=states,
        since=since if since > _EPOCH else None,
        until=until if until > _EPOCH else None,
    )


def position_in(token: str) -> Position | None:
    """Decode a page token: the position of the last record of the page before; None for the first page.

    Raises:
        BadPageToken: the token is not one of a quarantine listing.
    """
    position = page_position(_QUARANTINE, token, 2)
    if position is None:
        return None
    if not isinstance(position[0], int):
        raise BadPageToken
    return (_EPOCH + position[0] * _MICROSECOND, position[1])


def token_of(position: Position) -> str:
    """Encode the position of a page's last record."""
    captured_at, quarantine_id = position
    if not isinstance(captured_at, datetime):
        raise BadPageToken
    return page_token(_QUARANTINE, (captured_at - _EPOCH) // _MICROSECOND, str(quarantine_id))
