"""The errors of identity.

ChartlyError
├── BearerTokenInvalid   UNAUTHENTICATED      TOKEN_INVALID
├── ProjectDenied        PERMISSION_DENIED    PROJECT_DENIED
├── GrantDenied          PERMISSION_DENIED    PERMISSION_DENIED
├── RequestRateExceeded  RESOURCE_EXHAUSTED   QUOTA_EXCEEDED
├── TokensExhausted      RESOURCE_EXHAUSTED   QUOTA_EXCEEDED
└── TokenUnknown         NOT_FOUND            TOKEN_UNKNOWN
"""

from chartly.platform.errors import NotFound, PermissionDenied, ResourceExhausted, Unauthenticated, error


@error(reason="TOKEN_INVALID")
class BearerTokenInvalid(Unauthenticated):
    """A valid bearer token is required."""

    problem: str


@error(reason="PROJECT_DENIED")
class ProjectDenied(PermissionDenied):
    """The token doesn't allow this project; use another project, or a token that has it."""

    project: str


@error(reason="PROJECT_DENIED")
class ProjectUnsaid(PermissionDenied):
    """The token is for several projects; X-Chartly-Project must name one."""


@error(reason="PERMISSION_DENIED")
class GrantDenied(PermissionDenied):
    """A token can't have a role or project that its creator lacks; leave it out, or use a token that has it."""

    kind: str
    name: str


@error(reason="QUOTA_EXCEEDED")
class RequestRateExceeded(ResourceExhausted):
    """Too many requests a minute; wait for the time that the answer names."""

    of: str
    """``principal`` or ``tenant``."""
    requests_per_minute: int


@error(reason="QUOTA_EXCEEDED")
class TokensExhausted(ResourceExhausted):
    """The tenant has as many tokens as it may have; revoke one first."""

    tokens_max: int


@error(reason="TOKEN_UNKNOWN")
class TokenUnknown(NotFound):
    """No token of this tenant has the id."""

    token_id: str
