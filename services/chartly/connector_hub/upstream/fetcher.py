"""One page of one source: asked for within its limits, tried again where that can help, read up to its bound.

It looks at status, content type and size only. Redirects are followed by hand, since each must meet the egress policy anew.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp
import stamina

from chartly.connector_hub.domain.connector import Connector
from chartly.connector_hub.errors import EgressDenied, PageTooLarge, UpstreamBadResponse, UpstreamUnavailable
from chartly.platform.clock import Clock
from chartly.platform.config.secret import Secret

from .guarded_sockets import AddressRefused
from .guarded_sockets import connector as guarded_connector
from .request_rate import Pace

READ_BYTES = 256 * 1024
# 408, 429 and what a proxy or an overloaded server answers; any other 4xx or 5xx will not change by asking again.
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a source, untouched."""

    body: bytes
    content_type: str


@dataclass(slots=True)
class Tally:
    """What fetching has cost so far."""

    requests: int = 0
    retries: int = field(default=0)


class TryAgain(Exception):
    """An answer that another attempt may better; never leaves this module."""

    def __init__(self, problem: str, wait_s: float = 0.0) -> None:
        super().__init__(problem)
        self.wait_s = wait_s


class Fetcher:
    """Fetches pages of one source over one guarded connection pool. Use as an async context manager."""

    def __init__(self, source: Connector, secret: Secret | None, pace: Pace, clock: Clock, *, private_allowed: bool) -> None:
        self._source = source
        self._secret = secret
        self._pace = pace
        self._clock = clock
        self._private_allowed = private_allowed
        self.tally = Tally()

    async def __aenter__(self) -> Self:
        source = self._source
        self._session = aiohttp.ClientSession(
            connector=guarded_connector(source.egress, source.concurrency, private_allowed=self._private_allowed),
            timeout=aiohttp.ClientTimeout(total=source.timeout_ms / 1000),
            headers=source.headers,
            auto_decompress=True,
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def fetch(self, parameters: Mapping[str, str]) -> Page:
        """Ask for one page.

        Raises:
            EgressDenied: the host, its address or a redirect is not allowed.
            UpstreamUnavailable: no usable answer within the retries.
            UpstreamBadResponse: an answer that asking again will not better.
            PageTooLarge: the body is larger than its bound; it was not read further.
        """
        retry, began = self._source.retry, self.tally.requests
        attempts = stamina.retry_context(
            on=_wait_or_refuse,
            attempts=retry.attempts_max,
            timeout=None,
            wait_initial=retry.backoff_ms / 1000,
            wait_max=retry.backoff_ms_max / 1000,
            wait_jitter=retry.backoff_ms / 1000,
        )
        try:
            async for attempt in attempts:
                with attempt:
                    self.tally.retries += 1 if attempt.num > 1 else 0
                    return await self._ask(parameters)
        except TryAgain as last:
            raise UpstreamUnavailable(
                self._source.source_id, str(last), self.tally.requests - began, retry_after_s=last.wait_s or 1.0
            ) from last
        raise AssertionError  # the loop returns or raises

    async def _ask(self, parameters: Mapping[str, str]) -> Page:
        url, query = self._source.url, {**self._source.query, **parameters}
        for _ in range(self._source.redirects_max + 1):
            self._check_host(url)
            # The secret is for the host it was given for: a redirect elsewhere, or from https to http, goes without it.
            headers = self._credentials() if _origin(url) == _origin(self._source.url) else {}
            await self._pace.wait()
            self.tally.requests += 1
            try:
                async with self._session.request(self._source.method, url, params=query, headers=headers, allow_redirects=False) as answer:
                    if answer.status not in _REDIRECTS:
                        return await self._page(answer)
                    url, query = self._redirected(url, answer), {}
            except AddressRefused as refused:
                raise EgressDenied(self._source.source_id, refused.address, refused.rule) from refused
            except aiohttp.ClientConnectorError as failure:
                if isinstance(failure.os_error, AddressRefused):
                    refused = failure.os_error
                    raise EgressDenied(self._source.source_id, refused.address, refused.rule) from failure
                raise TryAgain(f"no connection: {type(failure.os_error).__name__}") from failure
            except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as failure:
                raise TryAgain(f"no whole answer: {type(failure).__name__}") from failure
        raise UpstreamBadResponse(self._source.source_id, f"more than {self._source.redirects_max} redirects")

    async def _page(self, answer: aiohttp.ClientResponse) -> Page:
        source = self._source
        if answer.status in RETRIED:
            raise TryAgain(f"status {answer.status}", self._asked_wait_s(answer))
        if answer.status != HTTPStatus.OK:
            raise UpstreamBadResponse(source.source_id, f"status {answer.status}")
        if answer.content_type in ("text/html", "application/xhtml+xml"):
            raise UpstreamBadResponse(source.source_id, f"content type {answer.content_type}")
        body = bytearray()
        async for piece in answer.content.iter_chunked(READ_BYTES):
            body += piece
            if len(body) > source.payload_bytes_max:
                raise PageTooLarge(source.source_id, source.payload_bytes_max)
        return Page(bytes(body), answer.headers.get("Content-Type", "application/octet-stream")[:255])

    def _redirected(self, url: str, answer: aiohttp.ClientResponse) -> str:
        """Give the URL that a redirect names; it may be relative (RFC 9110 §10.2.2)."""
        try:
            named = urljoin(url, answer.headers["Location"])
            _origin(named)
        except (KeyError, ValueError) as unusable:
            raise UpstreamBadResponse(self._source.source_id, f"status {answer.status} with no usable Location") from unusable
        return named

    def _check_host(self, url: str) -> None:
        try:
            parts, _ = urlsplit(url), _origin(url)
        except ValueError as unusable:
            raise EgressDenied(self._source.source_id, "", "baseUrl") from unusable
        rule = "scheme" if parts.scheme not in ("http", "https") else self._source.egress.host_refusal(parts.hostname or "")
        if rule:
            raise EgressDenied(self._source.source_id, parts.hostname or parts.scheme, rule)

    def _asked_wait_s(self, answer: aiohttp.ClientResponse) -> float:
        """Read Retry-After (RFC 9110 §10.2.3): seconds or a date; never longer than the profile's longest wait."""
        text, longest_s = answer.headers.get("Retry-After", ""), self._source.retry.backoff_ms_max / 1000
        if text.isascii() and text.isdigit():
            return min(float(text), longest_s)
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return 0.0
        return min(max(0.0, (until - self._clock.now()).total_seconds()), longest_s) if until.tzinfo else 0.0

    def _credentials(self) -> dict[str, str]:
        """Give the headers that carry the secret."""
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
    """Give scheme, host and port (RFC 6454)."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _wait_or_refuse(failure: Exception) -> bool | float:
    """Tell stamina whether to try again, and when: an upstream's own Retry-After wins over the backoff."""
    if not isinstance(failure, TryAgain):
        return False
    return failure.wait_s or True
