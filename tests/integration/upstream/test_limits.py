"""The installation's limits on requests to upstreams, each with a profile that asks for more."""

import asyncio
import time
from typing import Any

import pytest
from aiohttp import web

from chartly.platform.errors import RemoteError

from .conftest import Serve, StartHub, Upstream


@pytest.mark.parametrize("asked", [1, 2])
async def test_max_concurrency_bounds_the_requests_of_a_source(serve: Serve, start_hub: StartHub, asked: int) -> None:
    """Four concurrent runs of one source have at most as many requests under way as its profile allows."""
    upstream, hub = Upstream(), await start_hub()
    connector = await hub.put("feed", await serve(upstream.answer), rateLimit={"maxConcurrency": asked})

    await asyncio.gather(*(hub.sync(connector, f"run_{run}") for run in range(4)))

    assert (upstream.requests, upstream.under_way_max) == (4, asked)


@pytest.mark.parametrize("limit", [1, 2])
async def test_upstream_concurrency_max_bounds_the_requests_to_a_host(serve: Serve, start_hub: StartHub, limit: int) -> None:
    """Four sources of one host share the host's slots, whatever their profiles allow."""
    upstream, hub = Upstream(), await start_hub(limits__upstream_concurrency_max=limit)
    url = await serve(upstream.answer)
    connectors = [await hub.put(f"feed-{number}", url, rateLimit={"maxConcurrency": 8}) for number in range(4)]

    await asyncio.gather(*(hub.sync(connector) for connector in connectors))

    assert (upstream.requests, upstream.under_way_max) == (4, limit)


async def test_upstream_attempts_max_ends_the_attempts(serve: Serve, start_hub: StartHub) -> None:
    """A profile that asks for four attempts gets two."""
    upstream, hub = Upstream(), await start_hub(limits__upstream_attempts_max=2)
    connector = await hub.put("feed", await serve(upstream.answer), retry={"maxAttempts": 4})
    upstream.status = 500

    with pytest.raises(RemoteError) as refused:
        await hub.sync(connector)

    assert (refused.value.remote_reason, upstream.requests) == ("UPSTREAM_UNAVAILABLE", 2)


@pytest.mark.parametrize(("redirects", "reason"), [(1, ""), (2, "UPSTREAM_BAD_RESPONSE")])
async def test_upstream_redirects_max_ends_a_chain(serve: Serve, start_hub: StartHub, redirects: int, reason: str) -> None:
    """With one allowed redirect a chain of one is followed and a chain of two refused, though the profile allows five."""

    async def answer(request: web.Request) -> web.Response:
        left = int(request.query.get("left", redirects))
        return web.Response(status=302, headers={"Location": f"/?left={left - 1}"}) if left else web.json_response({})

    hub = await start_hub(limits__upstream_redirects_max=1)
    connector = await hub.put("feed", await serve(answer), transport={"redirectsMax": 5})

    assert await reason_of(hub, connector) == reason


@pytest.mark.parametrize(("size_bytes", "reason"), [(1_000, ""), (1_001, "PAYLOAD_TOO_LARGE")])
async def test_page_bytes_max_cuts_a_page(serve: Serve, start_hub: StartHub, size_bytes: int, reason: str) -> None:
    """A page of the limit's size is stored; one byte more is refused, though the profile allows 16 MiB."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * size_bytes)

    hub = await start_hub(limits__page_bytes_max=1_000)

    assert await reason_of(hub, await hub.put("feed", await serve(answer))) == reason


@pytest.mark.parametrize(
    ("seconds", "redirects", "reason"), [(0.1, 0, ""), (1.5, 0, "UPSTREAM_UNAVAILABLE"), (0.7, 1, "UPSTREAM_UNAVAILABLE")]
)
async def test_upstream_timeout_s_ends_a_request(serve: Serve, start_hub: StartHub, seconds: float, redirects: int, reason: str) -> None:
    """A request ends after the limit, its redirects included, though the profile allows ten seconds."""

    async def answer(request: web.Request) -> web.Response:
        left = int(request.query.get("left", redirects))
        await asyncio.sleep(seconds)
        return web.Response(status=302, headers={"Location": f"/?left={left - 1}"}) if left else web.json_response({})

    hub = await start_hub(limits__upstream_timeout_s=1)
    connector = await hub.put("feed", await serve(answer), transport={"redirectsMax": 2})
    began = time.monotonic()

    assert await reason_of(hub, connector) == reason
    assert time.monotonic() - began < 3


async def reason_of(hub: Any, connector: Any) -> str:
    """Sync one page; return the reason of its failure, empty on success."""
    try:
        await hub.sync(connector)
    except RemoteError as refused:
        return refused.remote_reason
    return ""
