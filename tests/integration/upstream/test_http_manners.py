"""How requests are spelled and when they are repeated: as the source and the profile say, byte by byte."""

import asyncio
import base64
import gzip
import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from chartly.connector_hub.errors import SecretUnusable, UpstreamUnavailable
from chartly.connector_hub.upstream.fetcher import Fetcher
from chartly.platform.config.secret import Secret

from .conftest import Serve, StartHub
from .raw_server import Answer, raw_server, response
from .test_circuit import refused
from .test_fetch import connector, fetcher


@asynccontextmanager
async def asking(answer: Answer, *, transport: dict[str, Any] | None = None, **spec: Any) -> AsyncGenerator[Fetcher]:
    """Yield the fetcher of a source whose requests are answered with bytes."""
    async with raw_server(answer) as url, fetcher(connector(url, transport={"baseUrl": url} | (transport or {}), **spec)) as source:
        yield source


SIGNED = "/signed%2Ffile%27a.json?X-Sig=ab%2Fcd%2Bef%3D&path=a%2Fb%3Ac&exp=1%2C2&x=%7E%21%28%29"


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        (SIGNED, SIGNED),
        ("http://{host}" + SIGNED, SIGNED),
        ("signed'(a)!*;b=c@d?q=a:b/c?d,e+f", "/signed'(a)!*;b=c@d?q=a:b/c?d,e+f"),
        ("/a%2fb%2Fc%c3%a9?x=%e2%82%ac", "/a%2fb%2Fc%c3%a9?x=%e2%82%ac"),
        ("/é?x=€ y#part", "/%C3%A9?x=%E2%82%AC%20y"),
        ("?next=%2F", "/sales?next=%2F"),
        ("/once%2525?t=%2520", "/once%2525?t=%2520"),
        ("/next?u=http%3A%2F%2Fa%2Fb", "/next?u=http%3A%2F%2Fa%2Fb"),
        ("/next?u=http://a/b", "/next?u=http://a/b"),
    ],
)
async def test_redirect_is_followed_as_it_is_spelled(location: str, asked: str) -> None:
    """A signature covers the spelling: escapes are neither undone, added nor changed in case."""
    seen: list[str] = []

    def answer(head: str, number: int) -> bytes:
        seen.append(head.split(" ")[1])
        host = head.partition("Host: ")[2].partition("\r")[0]
        target = location.replace("{host}", host).encode().decode("latin-1")
        if number:
            return response(200, b"{}")
        return f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode("latin-1")

    async with asking(answer, transport={"path": "/sales", "redirectsMax": 1}) as source:
        await source.fetch({})
    assert seen == ["/sales", asked]


@pytest.mark.parametrize("path", ["/a%2Fb%3Ac", "/a'b(c)!", "/%7Euser/%2e%2e/x", "/plain"])
async def test_path_of_a_profile_is_asked_for_as_it_is_spelled(path: str) -> None:
    """Nothing is normalized, and the parameters stand behind it."""
    seen: list[str] = []

    def answer(head: str, _: int) -> bytes:
        seen.append(head.split(" ")[1])
        return response(200, b"{}")

    async with asking(answer, transport={"path": path, "query": {"since": "2026-01-01T00:00:00Z"}}) as source:
        await source.fetch({"page": "1"})
    assert seen == [f"{path}?since=2026-01-01T00:00:00Z&page=1"]


@pytest.mark.parametrize(("status", "method"), [(303, "GET"), (301, "POST"), (302, "POST"), (307, "POST"), (308, "POST")])
async def test_see_other_is_asked_for_with_get(status: int, method: str) -> None:
    """303 names a page to get (RFC 9110 §15.4.4); the others repeat the request's method."""
    seen: list[str] = []

    def answer(head: str, number: int) -> bytes:
        seen.append(head.partition(" ")[0])
        return response(200, b"{}") if number else response(status, b"", Location="/there")

    async with asking(answer, transport={"method": "POST", "redirectsMax": 1}) as source:
        await source.fetch({})
    assert seen == ["POST", method]


@pytest.mark.parametrize("password", ["plain", "ä", "€", "a:b", "日本"])
async def test_basic_credentials_go_out_in_utf8(serve: Serve, password: str) -> None:
    """As curl and browsers send them."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"authorization": request.headers["Authorization"]})

    auth = {"mode": "basic", "secretRef": {"name": "sales-http", "key": "login"}}
    async with fetcher(connector(await serve(answer), auth=auth), Secret(f"ada:{password}")) as source:
        page = await source.fetch({})
    sent = base64.b64decode(page.body.decode().partition("Basic ")[2].partition('"')[0])
    assert sent.decode() == f"ada:{password}"


@pytest.mark.parametrize("mode", ["bearer", "basic", "apiKey"])
@pytest.mark.parametrize("secret", ["t0p\r\nX-Other: 1", "t0p\n", "\x00", "a\x7f", "a\udcff"])
async def test_secret_that_no_header_can_carry_is_refused(mode: str, secret: str) -> None:
    """The error says so, and nothing is sent."""
    auth = {"mode": mode, "headerName": "X-Key", "secretRef": {"name": "sales-http", "key": "login"}}
    async with raw_server(lambda _, __: response(200, b"{}")) as url, fetcher(connector(url, auth=auth), Secret(secret)) as source:
        with pytest.raises(SecretUnusable):
            await source.fetch({})
        assert source.counts.requests == 0


CUT = gzip.compress(b"".join(b'{"n":%d}\n' % number for number in range(3_000)))
FLUSHED = zlib.compressobj(wbits=31)
AT_FLUSH = FLUSHED.compress(b'{"n":1}\n' * 50) + FLUSHED.flush(zlib.Z_SYNC_FLUSH)


@pytest.mark.parametrize("broken", [CUT[:-4_000], CUT[:-8], AT_FLUSH, CUT + b"garbage", CUT[:-8] + bytes(8)])
async def test_coded_answer_that_is_not_whole_is_asked_for_again(broken: bytes) -> None:
    """With its own Content-Length; after the attempts the source is unavailable, and a whole answer in between is the page."""
    transport = {"maxPayloadBytes": 1_000_000}
    async with asking(lambda _, __: response(200, broken, Content_Encoding="gzip"), transport=transport) as source:
        with pytest.raises(UpstreamUnavailable, match="incomplete answer"):
            await source.fetch({})
        assert source.counts.requests == 3
    async with asking(lambda _, asked: response(200, CUT if asked else broken, Content_Encoding="gzip"), transport=transport) as source:
        assert (await source.fetch({})).body == gzip.decompress(CUT)
        assert source.counts.retries == 1


async def test_members_of_a_gzip_answer_are_joined() -> None:
    """All of them are the page."""
    packed = gzip.compress(b'{"items":') + gzip.compress(b"[]}")
    async with asking(lambda _, __: response(200, packed, Content_Encoding="gzip")) as source:
        assert (await source.fetch({})).body == b'{"items":[]}'


@pytest.mark.parametrize(
    ("media", "body", "whole"),
    [
        ("application/json", b'{"items": [1, 2', False),
        ("application/json", b'{"items": []}', True),
        ("application/json", b'{"items": NaN}', True),
        ("application/vnd.api+json", b'{"items', False),
        ("application/x-ndjson", b'{"n":1}\n{"n":2', False),
        ("application/x-ndjson", b'{"n":1}\n{"n":2}', True),
        ("application/x-ndjson", b'{"n":1}\n', True),
        ("text/csv", b'{"n":', True),
    ],
)
async def test_body_that_ends_with_its_connection_is_whole_or_asked_for_again(media: str, body: bytes, whole: bool) -> None:  # noqa: FBT001 - a table
    """Such a body has no length; JSON that breaks off shows that the connection did."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nConnection: close\r\n\r\n".encode()
    async with asking(lambda _, __: head + body) as source:
        if whole:
            assert (await source.fetch({})).body == body
        else:
            with pytest.raises(UpstreamUnavailable, match="breaks off"):
                await source.fetch({})


@pytest.mark.parametrize("attempts", [1, 3])
async def test_long_retry_after_is_waited_by_every_sync(serve: Serve, start_hub: StartHub, attempts: int) -> None:
    """Longer than the profile's back-off: the call ends with the time to retry, and no other sync asks before it."""
    hub, seen = await start_hub(), list[str]()

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(status=429, headers={"Retry-After": "25"})

    connector_profile = await hub.put("feed", await serve(answer), retry={"maxAttempts": attempts, "backoffMs": 1, "maxBackoffMs": 10_000})

    first, second = await refused(hub, connector_profile, "run_1"), await refused(hub, connector_profile, "run_2")

    assert (first.remote_reason, second.remote_reason, len(seen)) == ("UPSTREAM_UNAVAILABLE", "CIRCUIT_OPEN", 1)
    assert [24 < (error.retry_after_s or 0) <= 25 for error in (first, second)] == [True, True]


async def test_short_retry_after_is_waited_within_the_call() -> None:
    """A wait within the profile's back-off costs no other call, and is not undercut."""
    times: list[float] = []

    def answer(_: str, number: int) -> bytes:
        times.append(asyncio.get_running_loop().time())
        return response(200, b"{}") if number else response(429, b"", Retry_After="1")

    async with asking(answer, retry={"maxAttempts": 2, "backoffMs": 1, "maxBackoffMs": 1_000}) as source:
        await source.fetch({})
    assert times[1] - times[0] >= 1
