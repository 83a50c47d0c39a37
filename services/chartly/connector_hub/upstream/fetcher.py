"""One page of one source: asked for within its bounds, retried where a retry can help, read up to its size.

It looks at status, content type and size only. It follows redirects itself, since each must pass the egress policy.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp
import stamina

from chartly.connector_hub.domain.connector import Connector
from chartly.connector_hub.errors import EgressDenied, PageTooLarge, UpstreamBadResponse, UpstreamUnavailable
from chartly.platform.config.secret import Secret

from .access import UpstreamAccess
from .circuit import Circuit
from .guarded_sockets import AddressRefused, guarded_connector

READ_BYTES = 256 * 1024
# 408, 425, 429 and what a proxy or an overloaded server answers; a retry changes no other 4xx or 5xx.
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class UpstreamPage:
    """One answer of a source, unchanged."""

    body: bytes
    content_type: str


@dataclass(slots=True)
class RequestCounts:
    """Requests that were sent, and how many of them were attempts after the first."""

    requests: int = 0
    retries: int = 0


class RequestFailed(Exception):
    """An attempt that another one may better; never leaves this module."""

    def __init__(self, problem: str, wait_s: float = 0.0) -> None:
        super().__init__(problem)
        self.wait_s = wait_s
        """What the upstream asked to wait; 0 when it asked for nothing."""


class Fetcher:
    """Fetches pages of one source over one guarded connection pool. Use as an async context manager."""

    def __init__(self, project: str, source: Connector, secret: Secret | None, circuit: Circuit, access: UpstreamAccess) -> None:
        self._project = project
        self._source = source
        self._secret = secret
        self._circuit = circuit
        self._access = access
        self._rate = access.rates.of(project, source.source_id, source.requests_per_minute)
        self.counts = RequestCounts()

    async def __aenter__(self) -> Self:
        source = self._source
        self._session = aiohttp.ClientSession(
            connector=guarded_connector(source.egress, source.concurrency, private_allowed=self._access.private_allowed),
            headers=source.headers,
            auto_decompress=True,
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def fetch(self, parameters: Mapping[str, str]) -> UpstreamPage:
        """Request one page.

        Raises:
            CircuitOpen: no request may be sent now.
            EgressDenied: the host, its address or a redirect is not allowed.
            UpstreamUnavailable: no usable answer within the retries, or until the circuit opened.
            UpstreamBadResponse: an answer that a retry would not change.
            PageTooLarge: the body is larger than its bound; it was not read further.
        """
        retry, before = self._source.retry, self.counts.requests
        attempts = stamina.retry_context(
            on=_backoff,
            attempts=retry.attempts_max,
            timeout=None,
            wait_initial=retry.backoff_ms / 1000,
            wait_max=retry.backoff_ms_max / 1000,
            wait_jitter=retry.backoff_ms / 1000,
        )
        try:
            async for attempt in attempts:
                with attempt:
                    return await self._attempt(parameters, before, is_retry=attempt.num > 1)
        except RequestFailed as last:
            raise self._unavailable(last, before, last.wait_s or 1.0) from last
        raise AssertionError  # the loop returns or raises

    async def _attempt(self, parameters: Mapping[str, str], before: int, *, is_retry: bool) -> UpstreamPage:
        """Send one request of the source, redirects included, and report its outcome to the circuit."""
        source = self._source
        async with self._access.source_slots.hold((self._project, source.source_id), source.concurrency):
            try:
                page = await self._request(parameters, is_retry=is_retry)
            except RequestFailed as failure:
                open_s = await self._circuit.failed()
                if open_s:
                    # No more attempts: the circuit would refuse them.
                    raise self._unavailable(failure, before, max(failure.wait_s, open_s)) from failure
                raise
            except EgressDenied:
                await self._circuit.cancel()
                raise
            except (UpstreamBadResponse, PageTooLarge):
                await self._circuit.answered()
                raise
            await self._circuit.answered()
            return page

    async def _request(self, parameters: Mapping[str, str], *, is_retry: bool) -> UpstreamPage:
        url, query = self._source.url, {**self._source.query, **parameters}
        left_s = self._source.timeout_ms / 1000
        for hop in range(self._source.redirects_max + 1):
            host = self._check_host(url)
            await self._rate.wait()
            async with self._access.host_slots.hold(host, self._access.host_requests_max):
                # After all waits: a half-open circuit's trial that waited here could be over before its request is sent.
                await self._circuit.admit()
                self.counts.retries += is_retry and not hop
                began = time.monotonic()
                answer = await self._exchange(url, query, left_s)
                left_s -= time.monotonic() - began
            if isinstance(answer, UpstreamPage):
                return answer
            url, query = answer, {}
        raise UpstreamBadResponse(self._source.source_id, f"more than {self._source.redirects_max} redirects")

    async def _exchange(self, url: str, query: Mapping[str, str], timeout_s: float) -> UpstreamPage | str:
        """Send one HTTP request; return its page, or the URL that it redirects to."""
        if timeout_s <= 0:
            raise RequestFailed("incomplete answer: TimeoutError")
        # The secret is for the profile's own host: a redirect elsewhere, or from https to http, goes without it.
        headers = self._credentials() if _origin(url) == _origin(self._source.url) else {}
        self.counts.requests += 1
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        method = self._source.method
        try:
            async with self._session.request(method, url, params=query, headers=headers, allow_redirects=False, timeout=timeout) as answer:
                return self._redirected(url, answer) if answer.status in _REDIRECTS else await self._page(answer)
        except AddressRefused as refused:
            raise EgressDenied(self._source.source_id, refused.address, refused.rule) from refused
        except aiohttp.ClientConnectorError as failure:
            if isinstance(failure.os_error, AddressRefused):
                refused = failure.os_error
                raise EgressDenied(self._source.source_id, refused.address, refused.rule) from failure
            raise RequestFailed(f"no connection: {type(failure.os_error).__name__}") from failure
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as failure:
            raise RequestFailed(f"incomplete answer: {type(failure).__name__}") from failure

    async def _page(self, answer: aiohttp.ClientResponse) -> UpstreamPage:
        source = self._source
        if answer.status in RETRIED:
            raise RequestFailed(f"status {answer.status}", self._asked_wait_s(answer))
        if answer.status != HTTPStatus.OK:
            raise UpstreamBadResponse(source.source_id, f"status {answer.status}")
        if answer.content_type in ("text/html", "application/xhtml+xml"):
            raise UpstreamBadResponse(source.source_id, f"content type {answer.content_type}")
        body = bytearray()
        async for piece in answer.content.iter_chunked(READ_BYTES):
            body += piece
            if len(body) > source.payload_bytes_max:
                raise PageTooLarge(source.source_id, source.payload_bytes_max)
        return UpstreamPage(bytes(body), answer.headers.get("Content-Type", "application/octet-stream")[:255])

    def _unavailable(self, failure: RequestFailed, before: int, retry_after_s: float) -> UpstreamUnavailable:
        attempts = self.counts.requests - before
        return UpstreamUnavailable(self._source.source_id, str(failure), attempts, retry_after_s=retry_after_s)

    def _redirected(self, url: str, answer: aiohttp.ClientResponse) -> str:
        """Return the URL that a redirect names; it may be relative (RFC 9110 §10.2.2)."""
        try:
            named = urljoin(url, answer.headers["Location"])
            _origin(named)
        except (KeyError, ValueError) as unusable:
            raise UpstreamBadResponse(self._source.source_id, f"status {answer.status} without a valid Location header") from unusable
        return named

    def _check_host(self, url: str) -> str:
        """Return the URL's host, if the egress policy allows it."""
        try:
            parts, _ = urlsplit(url), _origin(url)
        except ValueError as unusable:
            raise EgressDenied(self._source.source_id, "", "baseUrl") from unusable
        rule = "scheme" if parts.scheme not in ("http", "https") else self._source.egress.host_refusal(parts.hostname or "")
        if rule:
            raise EgressDenied(self._source.source_id, parts.hostname or parts.scheme, rule)
        return parts.hostname or ""

    def _asked_wait_s(self, answer: aiohttp.ClientResponse) -> float:
        """Read Retry-After (RFC 9110 §10.2.3): seconds or a date; never longer than the profile's longest wait."""
        text, longest_s = answer.headers.get("Retry-After", ""), self._source.retry.backoff_ms_max / 1000
        if text.isascii() and text.isdigit():
            return min(float(text), longest_s)
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return 0.0
        return min(max(0.0, (until - self._access.clock.now()).total_seconds()), longest_s) if until.tzinfo else 0.0

    def _credentials(self) -> dict[str, str]:
        """Return the headers that carry the secret."""
        auth = self._source.auth
        if self._secret is None:
            return {}
        match auth.mode:
            case "bearer":
                return {"Authorization": f"Bearer {self._secret.reveal()}"}
            case "basic":
                user, _, password = self._secret.reveal().partition(":")
                return {"Authorization": aiohttp.BasicAuth(user, password).encode()}
            case "apiKey":
                return {auth.header_name: self._secret.reveal()}
            case "none":
                return {}


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port (RFC 6454)."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _backoff(failure: Exception) -> bool | float:
    """Answer stamina whether to retry, and after how many seconds: the upstream's Retry-After wins over the backoff."""
    return failure.wait_s or True if isinstance(failure, RequestFailed) else False
