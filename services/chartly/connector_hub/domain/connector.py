"""A resolved connector profile as typed values. It trusts the registry's validation, and fills in the schema's defaults."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from chartly.platform.config import Limits

from .egress import EgressPolicy
from .push import PushSource

AuthMode = Literal["none", "bearer", "basic", "apiKey"]
PaginationMode = Literal["none", "cursor", "page", "offset"]


@dataclass(frozen=True, slots=True)
class SecretRef:
    """A reference to a secret, without its value."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class UpstreamAuth:
    """How requests to the source are authenticated."""

    mode: AuthMode
    secret: SecretRef | None
    header_name: str


@dataclass(frozen=True, slots=True)
class Pagination:
    """How one sync requests the source's pages, one after the other."""

    mode: PaginationMode
    request_param: str
    response_field: str
    size_param: str
    size: int
    start: int
    records_field: str
    pages_max: int
    allow_empty: bool
    """Whether a page without its list of records is the end, and not an error."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How failed requests are retried."""

    attempts_max: int
    backoff_ms: int
    backoff_ms_max: int


@dataclass(frozen=True, slots=True)
class Connector:
    """One source, as its profile describes it."""

    source_id: str
    url: str
    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    timeout_ms: int
    payload_bytes_max: int
    redirects_max: int
    egress: EgressPolicy
    auth: UpstreamAuth
    pagination: Pagination
    retry: Retry
    requests_per_minute: int
    concurrency: int
    failures_max: int
    open_ms: int

    @property
    def position_key(self) -> str:
        """A digest of what a cursor's position means. With another one, a stored position is not used."""
        pages = self.pagination
        meaning = [self.url, self.method, sorted(self.query.items()), pages.mode, pages.request_param, pages.size_param, pages.size]
        return hashlib.sha256(json.dumps([*meaning, pages.start]).encode()).hexdigest()

    def within(self, limits: Limits) -> "Connector":
        """Return the connector with each bound of its profile lowered to the installation's limit."""
        return replace(
            self,
            timeout_ms=min(self.timeout_ms, limits.upstream_timeout_s * 1000),
            payload_bytes_max=min(self.payload_bytes_max, limits.page_bytes_max),
            redirects_max=min(self.redirects_max, limits.upstream_redirects_max),
            concurrency=min(self.concurrency, limits.upstream_concurrency_max),
            pagination=replace(self.pagination, pages_max=min(self.pagination.pages_max, limits.sync_pages_max)),
            retry=replace(self.retry, attempts_max=min(self.retry.attempts_max, limits.upstream_attempts_max)),
        )


def source_from(document: Mapping[str, Any]) -> Connector | PushSource:
    """Read a resolved connector profile of either kind."""
    transport = document["spec"]["transport"]
    if transport.get("kind", "http") == "push":
        return PushSource(document["metadata"]["name"], transport.get("maxPayloadBytes", 16 * 1024 * 1024))
    return connector_from(document)


def connector_from(document: Mapping[str, Any]) -> Connector:
    """Read a resolved connector profile of a source that the hub fetches from.

    Args:
        document: the whole resolved document, as the registry froze it.
    """
    spec = document["spec"]
    transport, limit = spec["transport"], spec.get("rateLimit", {})
    breaker, retry = spec.get("circuitBreaker", {}), spec.get("retry", {})
    return Connector(
        source_id=document["metadata"]["name"],
        url=transport["baseUrl"].rstrip("/") + transport.get("path", "/"),
        method=transport.get("method", "GET"),
        query={name: _text(value) for name, value in transport.get("query", {}).items()},
        headers=dict(transport.get("headers", {})),
        timeout_ms=transport.get("timeoutMs", 10_000),
        payload_bytes_max=transport.get("maxPayloadBytes", 16 * 1024 * 1024),
        redirects_max=transport.get("redirectsMax", 0),
        egress=EgressPolicy.from_spec(spec["egressPolicy"]),
        auth=_auth(spec.get("auth", {"mode": "none"})),
        pagination=_pagination(spec.get("pagination", {"mode": "none"})),
        retry=Retry(retry.get("maxAttempts", 3), retry.get("backoffMs", 500), retry.get("maxBackoffMs", 30_000)),
        requests_per_minute=limit.get("maxRequestsPerMinute", 60),
        concurrency=limit.get("maxConcurrency", 1),
        failures_max=breaker.get("failuresMax", 5),
        open_ms=breaker.get("openMs", 30_000),
    )


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _auth(spec: Mapping[str, Any]) -> UpstreamAuth:
    secret = spec.get("secretRef")
    return UpstreamAuth(
        mode=spec["mode"],
        secret=SecretRef(secret["name"], secret["key"]) if secret else None,
        header_name=spec.get("headerName", "X-API-Key"),
    )


def _pagination(spec: Mapping[str, Any]) -> Pagination:
    mode = spec["mode"]
    return Pagination(
        mode=mode,
        request_param=spec.get("requestParam", ""),
        response_field=_query(spec.get("responseField", "")),
        size_param=spec.get("sizeParam", ""),
        size=spec.get("size", 0),
        start=spec.get("start", 1 if mode == "page" else 0),
        records_field=_query(spec.get("recordsField", "")),
        pages_max=spec.get("pagesMax", 1_000),
        allow_empty=spec.get("allowEmpty", False),
    )


def _query(field: str) -> str:
    """Return the query of a field: a bare name is a member of the page's root; ``$…`` is a query already."""
    if not field or field.startswith("$"):
        return field
    escaped = field.replace("\\", "\\\\").replace("'", "\\'")
    return f"$['{escaped}']"
