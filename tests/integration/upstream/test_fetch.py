"""Fetches from a real HTTP server on loopback that has the faults of real upstreams."""

import tracemalloc
import zlib
from typing import Any

import pytest
from aiohttp import web

from chartly.connector_hub.domain.connector import Connector, connector_from
from chartly.connector_hub.errors import EgressDenied, PageTooLarge, UpstreamBadResponse, UpstreamUnavailable
from chartly.connector_hub.upstream.access import UpstreamAccess
from chartly.connector_hub.upstream.fetcher import Fetcher
from chartly.platform.clock import SystemClock
from chartly.platform.config.secret import Secret

from .conftest import Serve


def connector(url: str, **changes: Any) -> Connector:
    """Return a connector that may call loopback, with almost no wait between attempts."""
    spec: dict[str, Any] = {
        "transport": {"baseUrl": url, "path": "/sales", "maxPayloadBytes": 1_000},
        "egressPolicy": {"dnsAllowlist": ["127.0.0.1"], "allowCidrs": ["127.0.0.0/8"]},
        "retry": {"maxAttempts": 3, "backoffMs": 1, "maxBackoffMs": 5},
        "rateLimit": {"maxRequestsPerMinute": 60_000},
    }
    return connector_from({"metadata": {"name": "sales-http"}, "spec": spec | changes})


class ClosedCircuit:
    """A circuit that no failure opens, since these tests are about other behaviour."""

    async def admit(self) -> None:
        """Let every request through."""

    async def answered(self) -> None:
        """Stay closed."""

    async def failed(self, held_s: float) -> float:
        """Stay closed."""
        return held_s * 0.0

    async def cancel(self) -> None:
        """Stay closed."""


def fetcher(source: Connector, secret: Secret | None = None, *, private_allowed: bool = True) -> Fetcher:
    """Return a fetcher of the source."""
    access = UpstreamAccess(SystemClock(), private_allowed=private_allowed, host_requests_max=4)
    return Fetcher("tenant-demo/proj-sales", source, secret, ClosedCircuit(), access)


async def test_page_is_returned_unchanged(serve: Serve) -> None:
    """Bytes and content type of a page are unchanged, and the request has the query."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=b'{"asked": "%s"}' % request.query["cursor"].encode(), content_type="application/json")

    async with fetcher(connector(await serve(answer))) as source:
        page = await source.fetch({"cursor": "c1"})
    assert (page.body, page.content_type) == (b'{"asked": "c1"}', "application/json")


async def test_busy_upstream_is_retried(serve: Serve) -> None:
    """A 503 followed by a 200 is a page with one retry."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=503, headers={"Retry-After": "0"}) if len(asked) == 1 else web.json_response({})

    async with fetcher(connector(await serve(answer))) as source:
        await source.fetch({})
        assert (source.counts.requests, source.counts.retries) == (2, 1)


async def test_an_upstream_that_stays_busy_is_unavailable(serve: Serve) -> None:
    """After all attempts the source is unavailable, and the error has their number."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=500)

    async with fetcher(connector(await serve(answer))) as source:
        with pytest.raises(UpstreamUnavailable) as refused:
            await source.fetch({})
    assert (refused.value.problem, refused.value.attempts) == ("status 500", 3)


async def test_html_is_a_bad_response(serve: Serve) -> None:
    """An HTML page is a bad response and is not retried."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="text/html")

    async with fetcher(connector(await serve(answer))) as source:
        with pytest.raises(UpstreamBadResponse):
            await source.fetch({})
        assert source.counts.requests == 1


async def test_page_beyond_its_bound_is_refused(serve: Serve) -> None:
    """Reading of a page stops at its bound, so a large page doesn't fill the memory."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 2_000)

    async with fetcher(connector(await serve(answer))) as source:
        with pytest.raises(PageTooLarge) as refused:
            await source.fetch({})
    assert refused.value.payload_bytes_max == 1_000


async def test_loopback_is_refused_unless_allowed(serve: Serve) -> None:
    """Loopback is not called without allowCidrs, or when the installation forbids it."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({})

    url = await serve(answer)
    closed = connector(url, egressPolicy={"dnsAllowlist": ["127.0.0.1"]})
    for source, private_allowed in ((closed, True), (connector(url), False)):
        async with fetcher(source, private_allowed=private_allowed) as asking:
            with pytest.raises(EgressDenied) as refused:
                await asking.fetch({})
        assert refused.value.rule == "not-a-public-address"


async def test_redirect_is_checked_by_the_egress_policy(serve: Serve) -> None:
    """A redirect to a host that is not listed is refused."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest"})

    url = await serve(answer)
    transport = {"baseUrl": url, "redirectsMax": 2}
    async with fetcher(connector(url, transport=transport)) as source:
        with pytest.raises(EgressDenied) as refused:
            await source.fetch({})
    assert (refused.value.destination, refused.value.rule) == ("169.254.169.254", "dnsAllowlist")


@pytest.mark.parametrize("location", ["", "http://[::1", "http://127.0.0.1:99999/"])
async def test_redirect_without_a_valid_location_is_a_bad_response(serve: Serve, location: str) -> None:
    """A redirect with a missing or invalid Location is a bad response and is not retried."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location} if location else {})

    transport = {"baseUrl": await serve(answer), "redirectsMax": 2}
    async with fetcher(connector("", transport=transport)) as source:
        with pytest.raises(UpstreamBadResponse, match="without a valid Location header"):
            await source.fetch({})
        assert source.counts.requests == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "http://[::1"])
async def test_invalid_base_url_is_refused(url: str) -> None:
    """An invalid base URL is refused without a request."""
    async with fetcher(connector(url)) as source:
        with pytest.raises(EgressDenied) as refused:
            await source.fetch({})
        assert (refused.value.rule, source.counts.requests) == ("baseUrl", 0)


@pytest.mark.parametrize("mode", ["bearer", "apiKey"])
async def test_a_secret_stays_with_its_origin(serve: Serve, mode: str) -> None:
    """A redirect within the origin carries the secret; one to another port doesn't."""
    seen: list[tuple[str, str | None]] = []

    async def there(request: web.Request) -> web.Response:
        seen.append(("there", request.headers.get("Authorization")))
        return web.json_response({})

    elsewhere = await serve(there)

    async def here(request: web.Request) -> web.Response:
        seen.append((request.path, request.headers.get("Authorization")))
        return web.Response(status=302, headers={"Location": "/moved" if request.path == "/sales" else f"{elsewhere}/sales"})

    auth = {"mode": mode, "headerName": "Authorization", "secretRef": {"name": "sales-http", "key": "token"}}
    transport = {"baseUrl": await serve(here), "path": "/sales", "redirectsMax": 2}
    async with fetcher(connector("", transport=transport, auth=auth), Secret("t0p")) as source:
        await source.fetch({})

    sent = "Bearer t0p" if mode == "bearer" else "t0p"
    assert seen == [("/sales", sent), ("/moved", sent), ("there", None)]


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_page_that_unpacks_beyond_its_bound_is_refused(serve: Serve, encoding: str) -> None:
    """The bound holds for the unpacked bytes, so a compression bomb doesn't fill the memory."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": encoding})

    url = await serve(answer)
    tracemalloc.start()
    try:
        async with fetcher(connector(url)) as source:
            with pytest.raises(PageTooLarge):
                await source.fetch({})
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 32 * 1024 * 1024


async def test_bearer_token_is_sent_in_the_authorization_header(serve: Serve) -> None:
    """A bearer token is sent in the Authorization header, and nowhere else."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"authorization": request.headers.get("Authorization"), "query": request.query_string})

    auth = {"mode": "bearer", "secretRef": {"name": "sales-http", "key": "token"}}
    async with fetcher(connector(await serve(answer), auth=auth), Secret("t0p")) as source:
        page = await source.fetch({})
    assert page.body == b'{"authorization": "Bearer t0p", "query": ""}'
