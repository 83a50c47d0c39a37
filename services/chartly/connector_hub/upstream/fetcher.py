"""One page of one source: asked for within its bounds, retried where a retry can help, read up to its size.

It looks at status, headers and size only. It follows redirects itself, since each must pass the egress policy, and undoes content codings
itself, since the HTTP library accepts a coded body that ends too early.
"""

import asyncio
import re
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import aiohttp
import stamina
from multidict import CIMultiDict
from yarl import URL

from chartly.connector_hub.domain.answers import Meaning, meaning, retry_after_s
from chartly.connector_hub.domain.connector import Connector
from chartly.connector_hub.domain.content_coding import BodyBroken, CodingUnknown, Unpacker, UnpacksTooLarge, codings
from chartly.connector_hub.domain.push import is_lines
from chartly.connector_hub.errors import EgressDenied, PageTooLarge, SecretUnusable, UpstreamBadResponse, UpstreamUnavailable
from chartly.native import MalformedJson, NativeError, parse_check
from chartly.platform.config.secret import Secret

from .access import UpstreamAccess
from .circuit import Circuit
from .guarded_sockets import AddressRefused, guarded_connector
from .request_url import UrlUnusable, origin, redirect_url, request_url

READ_BYTES = 256 * 1024
ACCEPT_ENCODING = "gzip, deflate"
_SEE_OTHER = 303
# The longest wait for a source within a call, whose deadline is 30 seconds. Longer ones are waited in the queue.
_CALL_WAIT_S_MAX = 10.0
# A secret may not end its header. HTTP allows no control character in a header but the tab (RFC 9110 §5.5). Bytes of an environment
# variable that are no UTF-8 are surrogates in Python.
_UNUSABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class UpstreamPage:
    """One answer of a source, unchanged."""

    body: bytes
    content_type: str
    is_no_content: bool = False
    """Whether the source says that there is nothing (204), so there is no body to store."""


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
        self._origin = ("", None, None)
        self.counts = RequestCounts()

    async def __aenter__(self) -> Self:
        source = self._source
        headers = CIMultiDict({"Accept-Encoding": ACCEPT_ENCODING})
        headers.update(source.headers)
        self._session = aiohttp.ClientSession(
            connector=guarded_connector(source.egress, source.concurrency, private_allowed=self._access.private_allowed),
            headers=headers,
            auto_decompress=False,
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
                    return await self._attempt(parameters, before, attempt.num)
        except RequestFailed as last:
            raise self._unavailable(last, before, last.wait_s or 1.0) from last
        raise AssertionError  # the loop returns or raises

    async def _attempt(self, parameters: Mapping[str, str], before: int, attempt: int) -> UpstreamPage:
        """Send one request of the source, redirects included, and report its outcome to the circuit."""
        source = self._source
        async with self._access.source_slots.hold((self._project, source.source_id), source.concurrency):
            try:
                page = await self._request(parameters, is_retry=attempt > 1)
            except RequestFailed as failure:
                open_s = await self._circuit.failed(self._held_s(failure, attempt))
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
        source = self._source
        try:
            url = request_url(source.url, {**source.query, **parameters})
        except UrlUnusable as unusable:
            raise EgressDenied(source.source_id, "", "baseUrl") from unusable
        self._origin = origin(url)
        method, left_s = source.method, source.timeout_ms / 1000
        for hop in range(source.redirects_max + 1):
            host = self._check_host(url)
            await self._rate.wait()
            async with self._access.host_slots.hold(host, self._access.host_requests_max):
                # After all waits: a half-open circuit's trial that waited here could be over before its request is sent.
                await self._circuit.admit()
                self.counts.retries += is_retry and not hop
                began = time.monotonic()
                answer = await self._exchange(method, url, left_s)
                left_s -= time.monotonic() - began
            if isinstance(answer, UpstreamPage):
                return answer
            method, url = answer
        raise UpstreamBadResponse(source.source_id, f"more than {source.redirects_max} redirects")

    async def _exchange(self, method: str, url: URL, timeout_s: float) -> UpstreamPage | tuple[str, URL]:
        """Send one HTTP request; return its page, or the method and URL that it redirects to."""
        if timeout_s <= 0:
            raise RequestFailed("incomplete answer: TimeoutError")
        # The secret is for the profile's own host: a redirect elsewhere, or from https to http, goes without it.
        headers = self._credentials() if origin(url) == self._origin else {}
        self.counts.requests += 1
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        try:
            async with self._session.request(method, url, headers=headers, allow_redirects=False, timeout=timeout) as answer:
                return await self._answered(method, url, answer)
        except AddressRefused as refused:
            raise EgressDenied(self._source.source_id, refused.address, refused.rule) from refused
        except aiohttp.ClientConnectorError as failure:
            if isinstance(failure.os_error, AddressRefused):
                refused = failure.os_error
                raise EgressDenied(self._source.source_id, refused.address, refused.rule) from failure
            raise RequestFailed(f"no connection: {type(failure.os_error).__name__}") from failure
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as failure:
            raise RequestFailed(f"incomplete answer: {type(failure).__name__}") from failure

    async def _answered(self, method: str, url: URL, answer: aiohttp.ClientResponse) -> UpstreamPage | tuple[str, URL]:
        source = self._source
        match meaning(answer.status, answer.headers, is_paged=source.pagination.mode != "none"):
            case Meaning.PAGE:
                return UpstreamPage(await self._body(answer), answer.headers.get("Content-Type", "application/octet-stream")[:255])
            case Meaning.NO_CONTENT:
                return UpstreamPage(b"", "", is_no_content=True)
            case Meaning.REDIRECT:
                return "GET" if answer.status == _SEE_OTHER else method, self._redirected(url, answer)
            case Meaning.RETRY:
                wait_s = retry_after_s(answer.headers.get("Retry-After", ""), self._access.clock.now())
                raise RequestFailed(f"status {answer.status}", wait_s)
            case Meaning.REFUSE:
                raise UpstreamBadResponse(source.source_id, f"status {answer.status}, content type {answer.content_type}")

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        """Read a body, undo its codings, and check that it is whole."""
        source, body = self._source, bytearray()
        try:
            unpacker = Unpacker(codings(",".join(answer.headers.getall("Content-Encoding", ()))), source.payload_bytes_max)
            async for piece in answer.content.iter_chunked(READ_BYTES):
                for unpacked in unpacker.feed(piece):
                    body += unpacked
            unpacker.finish()
        except CodingUnknown as unknown:
            raise UpstreamBadResponse(source.source_id, str(unknown)) from unknown
        except UnpacksTooLarge as large:
            raise PageTooLarge(source.source_id, source.payload_bytes_max) from large
        except BodyBroken as broken:
            raise RequestFailed(f"incomplete answer: {broken}") from broken
        whole = bytes(body)
        # Such a body ends where the connection does (RFC 9112 §6.3), also when the source breaks off.
        has_length = "Content-Length" in answer.headers or "chunked" in answer.headers.get("Transfer-Encoding", "").lower()
        if not has_length and await asyncio.to_thread(_breaks_off, whole, answer.content_type):
            raise RequestFailed("incomplete answer: the JSON text breaks off")
        return whole

    def _held_s(self, failure: RequestFailed, attempt: int) -> float:
        """Return for how long no sync may ask the source, since it asked for a wait that this call doesn't wait itself."""
        retry = self._source.retry
        waits_here = attempt < retry.attempts_max and failure.wait_s <= min(retry.backoff_ms_max / 1000, _CALL_WAIT_S_MAX)
        return 0.0 if waits_here else failure.wait_s

    def _unavailable(self, failure: RequestFailed, before: int, retry_after_s: float) -> UpstreamUnavailable:
        attempts = self.counts.requests - before
        return UpstreamUnavailable(self._source.source_id, str(failure), attempts, retry_after_s=retry_after_s)

    def _redirected(self, url: URL, answer: aiohttp.ClientResponse) -> URL:
        try:
            return redirect_url(url, answer.headers["Location"])
        except (KeyError, UrlUnusable) as unusable:
            raise UpstreamBadResponse(self._source.source_id, f"status {answer.status} without a valid Location header") from unusable

    def _check_host(self, url: URL) -> str:
        """Return the URL's host, if the egress policy allows it."""
        host = url.raw_host or ""
        rule = "scheme" if url.scheme not in ("http", "https") else self._source.egress.host_refusal(host)
        if rule:
            raise EgressDenied(self._source.source_id, host or url.scheme, rule)
        return host

    def _credentials(self) -> dict[str, str]:
        """Return the headers that carry the secret."""
        auth = self._source.auth
        if self._secret is None:
            return {}
        secret = self._secret.reveal()
        if _UNUSABLE.search(secret):
            raise SecretUnusable(self._source.source_id)
        match auth.mode:
            case "bearer":
                return {"Authorization": f"Bearer {secret}"}
            case "basic":
                # In UTF-8, as for the other modes (RFC 7617 §2.1 leaves the coding open; browsers and curl use UTF-8).
                return {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"}
            case "apiKey":
                return {auth.header_name: secret}
            case "none":
                return {}


def _breaks_off(body: bytes, media_type: str) -> bool:
    """Return whether a body's JSON text, or its last line, ends too early."""
    is_json = media_type == "application/json" or media_type.endswith("+json")
    if not is_json and not is_lines(media_type):
        return False
    text = body if is_json else body.rpartition(b"\n")[2]
    if not is_json and not text.strip():
        return False
    try:
        parse_check(text)
    except MalformedJson as malformed:
        return malformed.rule == "unexpected-end"
    except NativeError:
        return False
    return False


def _backoff(failure: Exception) -> bool | float:
    """Answer stamina whether to retry, and after how many seconds: the upstream's Retry-After wins over the backoff."""
    return failure.wait_s or True if isinstance(failure, RequestFailed) else False
