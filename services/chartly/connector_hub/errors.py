"""What can go wrong between the hub and an upstream, as facts. Nothing here knows gRPC.

ChartlyError
├── EgressDenied           PERMISSION_DENIED    EGRESS_DENIED
├── UpstreamUnavailable    UNAVAILABLE          UPSTREAM_UNAVAILABLE
├── CircuitOpen            UNAVAILABLE          CIRCUIT_OPEN
├── UpstreamBadResponse    FAILED_PRECONDITION  UPSTREAM_BAD_RESPONSE
├── PageLimitReached       FAILED_PRECONDITION  PAGE_LIMIT_REACHED
├── PageTooLarge           RESOURCE_EXHAUSTED   PAYLOAD_TOO_LARGE
├── SourcePaused           FAILED_PRECONDITION  SOURCE_PAUSED
└── SourceUnknown          NOT_FOUND            SOURCE_UNKNOWN
"""

from chartly.platform.errors import (
    FailedPrecondition,
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
    """The upstream did not answer as agreed within the retries."""

    source_id: str
    problem: str
    attempts: int


@error(reason="CIRCUIT_OPEN")
class CircuitOpen(Unavailable):
    """The source's circuit breaker is open."""

    source_id: str


@error(reason="UPSTREAM_BAD_RESPONSE")
class UpstreamBadResponse(FailedPrecondition):
    """The upstream answered with something that is not the agreed format."""

    source_id: str
    problem: str


@error(reason="PAGE_LIMIT_REACHED")
class PageLimitReached(FailedPrecondition):
    """The source has more pages than one sync may read."""

    source_id: str
    pages_max: int


@error(reason="PAYLOAD_TOO_LARGE")
class PageTooLarge(ResourceExhausted):
    """A page of the source is larger than its bound."""

    source_id: str
    payload_bytes_max: int


@error(reason="SOURCE_PAUSED")
class SourcePaused(FailedPrecondition):
    """The source is paused and takes no sync until it is resumed."""

    source_id: str


@error(reason="SOURCE_UNKNOWN")
class SourceUnknown(NotFound):
    """No source of this project has the id."""

    source_id: str
