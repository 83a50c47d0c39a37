"""The hub's errors towards upstreams and clients that push, as facts. Nothing here knows gRPC.

ChartlyError
├── EgressDenied           PERMISSION_DENIED    EGRESS_DENIED
├── UpstreamUnavailable    UNAVAILABLE          UPSTREAM_UNAVAILABLE
├── CircuitOpen            UNAVAILABLE          CIRCUIT_OPEN
├── UpstreamBadResponse    FAILED_PRECONDITION  UPSTREAM_BAD_RESPONSE
├── SecretUnusable         FAILED_PRECONDITION  SECRET_MISSING
├── PageLimitReached       FAILED_PRECONDITION  PAGE_LIMIT_REACHED
├── PageTooLarge           RESOURCE_EXHAUSTED   PAYLOAD_TOO_LARGE
├── SourcePaused           FAILED_PRECONDITION  SOURCE_PAUSED
├── SourceUnknown          NOT_FOUND            SOURCE_UNKNOWN
├── SourceNotPush          FAILED_PRECONDITION  SOURCE_NOT_PUSH
├── PushTooLarge           INVALID_ARGUMENT     PAYLOAD_TOO_LARGE
├── PushTooManyRecords     INVALID_ARGUMENT     PAYLOAD_TOO_LARGE
├── IngestConflict         ALREADY_EXISTS       INGEST_CONFLICT
├── InboxFull              RESOURCE_EXHAUSTED   QUEUE_FULL
├── PushesWaiting          RESOURCE_EXHAUSTED   QUEUE_FULL
└── StoreBehind            RESOURCE_EXHAUSTED   SERVICE_UNAVAILABLE
"""

from chartly.platform.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    Unavailable,
    error,
)


@error(reason="EGRESS_DENIED")
class EgressDenied(PermissionDenied):
    """The connector's egress policy does not allow this destination."""

    source_id: str
    destination: str
    rule: str


@error(reason="UPSTREAM_UNAVAILABLE")
class UpstreamUnavailable(Unavailable):
    """The upstream did not return a valid answer within its attempts."""

    source_id: str
    problem: str
    attempts: int


@error(reason="CIRCUIT_OPEN")
class CircuitOpen(Unavailable):
    """The source's circuit is open after failed requests; retry after the time that the error names."""

    source_id: str


@error(reason="UPSTREAM_BAD_RESPONSE")
class UpstreamBadResponse(FailedPrecondition):
    """The upstream's answer does not have the format that the connector profile declares."""

    source_id: str
    problem: str


@error(reason="SECRET_MISSING")
class SecretUnusable(FailedPrecondition):
    """The source's secret is not UTF-8 or contains a control character, often a line end, which no HTTP header can carry."""

    source_id: str


@error(reason="PAGE_LIMIT_REACHED")
class PageLimitReached(FailedPrecondition):
    """The source has more pages than one sync may read. What was read is kept; the next sync, or a retry, continues behind it."""

    source_id: str
    pages_max: int


@error(reason="PAYLOAD_TOO_LARGE")
class PageTooLarge(ResourceExhausted):
    """A page of the source is larger than its bound."""

    source_id: str
    payload_bytes_max: int


@error(reason="SOURCE_PAUSED")
class SourcePaused(FailedPrecondition):
    """The source is paused: it accepts neither syncs nor pushes until it is resumed."""

    source_id: str


@error(reason="SOURCE_UNKNOWN")
class SourceUnknown(NotFound):
    """No source of this project has the id."""

    source_id: str


@error(reason="SOURCE_NOT_PUSH")
class SourceNotPush(FailedPrecondition):
    """The hub fetches from this source; only one with transport.kind push accepts pushes."""

    source_id: str
    connector_ref: str


@error(reason="PAYLOAD_TOO_LARGE")
class PushTooLarge(InvalidArgument):
    """The push, or a line of it, is larger than its bound; send it in pieces that end at line ends."""

    source_id: str
    payload_bytes_max: int


@error(reason="PAYLOAD_TOO_LARGE")
class PushTooManyRecords(InvalidArgument):
    """The push has more records than one commit may have; send it as a stream, or in pieces."""

    source_id: str
    records_max: int


@error(reason="INGEST_CONFLICT")
class IngestConflict(AlreadyExists):
    """The idempotency key was used for a push of other bytes."""

    source_id: str


@error(reason="QUEUE_FULL")
class InboxFull(ResourceExhausted):
    """The inbox is full of pushes that wait for their commit; nothing of this push was stored."""

    level: str
    """``all``, ``tenant`` or ``source``."""
    unit: str
    """``items`` or ``bytes``."""
    most: int


@error(reason="QUEUE_FULL")
class PushesWaiting(ResourceExhausted):
    """Too many pushes are being stored; nothing of this push was stored."""

    unit: str
    most: int


@error(reason="SERVICE_UNAVAILABLE")
class StoreBehind(ResourceExhausted):
    """The store doesn't accept the bytes at present; nothing of this push was stored."""

    problem: str
