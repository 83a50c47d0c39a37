"""Syncs over gRPC: pages are durable before the cursor moves, and none is lost or returned to two syncs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope
from chartly.v1 import common_pb2, connector_hub_pb2, registry_pb2

StartHost = Callable[..., Awaitable[Host]]
PROJECT = "tenant-demo/proj-sales"
REFERENCE = f"{PROJECT}::connector/feed-http@1.0.0"
PAGES = 6


@pytest.fixture
async def source_port() -> AsyncIterator[int]:
    """A source of six pages by cursor."""

    async def page(request: web.Request) -> web.Response:
        number = int(request.query.get("cursor", "0"))
        following = str(number + 1) if number + 1 < PAGES else None
        return web.json_response({"items": [{"id": number}], "next_cursor": following})

    app = web.Application()
    app.router.add_get("/feed", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield int(runner.addresses[0][1])
    await runner.cleanup()


DOCUMENT = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {{kind: connector, name: feed-http, version: 1.0.0, description: A feed of this test, owners: ["team:tests"]}}
spec:
  extends: "global::connector/loopback@1.0.0"
  transport: {{baseUrl: "http://127.0.0.1:{port}", path: "/feed"}}
  pagination: {{mode: cursor, requestParam: cursor, responseField: next_cursor, pagesMax: {pages_max}}}
"""


class Hub:
    """Calls the hub as the orchestrator does."""

    def __init__(self, host: Host) -> None:
        self.clients = host.clients("orchestrator").acting(Scope.service("orchestrator", "tenant-demo", "proj-sales"))

    async def put(self, port: int, pages_max: int = 100) -> common_pb2.FrozenProfile:
        """Store the connector and freeze it."""
        document = DOCUMENT.format(port=port, pages_max=pages_max)
        await self.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=REFERENCE, document=document))
        return (await self.clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=REFERENCE))).frozen

    async def sync(
        self, connector: common_pb2.FrozenProfile, sequence: int, count: int = 4, run_id: str = "run_1"
    ) -> connector_hub_pb2.SyncSourceResponse:
        """Make one sync call of a run."""
        request = connector_hub_pb2.SyncSourceRequest(run_id=run_id, connector=connector, pages_max=count, sequence=sequence)
        return await self.clients.connector_hub.SyncSource(request)

    async def cursor(self) -> connector_hub_pb2.SourceCursor | None:
        """Return the source's cursor as GetSource answers it."""
        source = await self.clients.connector_hub.GetSource(connector_hub_pb2.GetSourceRequest(source_id="feed-http"))
        return source.cursor if source.HasField("cursor") else None


async def test_calls_follow_each_other_to_the_end_of_the_source(start_host: StartHost, source_port: int) -> None:
    """Each sync returns the next pages, and the last one is marked as finished."""
    hub = Hub(await start_host("registry", "storage", "connector_hub"))
    connector = await hub.put(source_port)
    first, second = await hub.sync(connector, 0), await hub.sync(connector, 1)
    assert [len(first.pages), first.finished, len(second.pages), second.finished] == [4, False, 2, True]
    assert len({page.sha256 for page in [*first.pages, *second.pages]}) == PAGES


async def test_a_repeated_call_gives_the_same_pages(start_host: StartHost, source_port: int) -> None:
    """A repeated sync returns the same pages, so that a lost answer loses none."""
    hub = Hub(await start_host("registry", "storage", "connector_hub"))
    connector = await hub.put(source_port)
    first, again = await hub.sync(connector, 0), await hub.sync(connector, 0)
    assert [page.sha256 for page in first.pages] == [page.sha256 for page in again.pages]


async def test_two_drones_on_one_call_get_the_same_pages(start_host: StartHost, source_port: int) -> None:
    """Concurrent calls of one sync return the same pages."""
    hub = Hub(await start_host("registry", "storage", "connector_hub"))
    connector = await hub.put(source_port)
    one, other = await asyncio.gather(hub.sync(connector, 0), hub.sync(connector, 0))
    assert [page.sha256 for page in one.pages] == [page.sha256 for page in other.pages]
    assert len(one.pages) == 4


async def test_source_longer_than_its_bound_is_read_on_by_the_next_sync(start_host: StartHost, source_port: int) -> None:
    """Each sync gets its pages, then an error; the next one continues behind them, and begins at the first page after the end."""
    hub = Hub(await start_host("registry", "storage", "connector_hub"))
    connector = await hub.put(source_port, pages_max=4)
    seen: list[str] = []
    for run_id, expected in (("run_1", 4), ("run_2", 2), ("run_3", 4)):
        first = await hub.sync(connector, 0, 3, run_id)
        second = await hub.sync(connector, 1, 3, run_id) if not first.finished else None
        got = [page.sha256 for answer in (first, second) if answer for page in answer.pages]
        assert len(got) == expected
        seen += got
        if expected == 4:
            with pytest.raises(RemoteError) as refused:
                await hub.sync(connector, 2, 3, run_id)
            assert refused.value.remote_reason == "PAGE_LIMIT_REACHED"
    assert len(set(seen[:6])) == PAGES
    assert seen[:4] == seen[6:]


async def test_retry_of_a_run_reads_on_behind_its_bound(start_host: StartHost, source_port: int) -> None:
    """The retry continues the run's cursor, with as many pages as a sync may fetch."""
    hub = Hub(await start_host("registry", "storage", "connector_hub"))
    connector = await hub.put(source_port, pages_max=4)
    await hub.sync(connector, 0)
    with pytest.raises(RemoteError):
        await hub.sync(connector, 1)

    request = connector_hub_pb2.SyncSourceRequest(
        run_id="run_retry", continues_run_id="run_1", connector=connector, pages_max=4, sequence=1
    )
    answer = await hub.clients.connector_hub.SyncSource(request)

    assert (len(answer.pages), answer.finished) == (2, True)


async def test_a_source_shows_the_cursor_of_its_newest_sync(start_host: StartHost, source_port: int) -> None:
    """A source's cursor has the newest run, its next page and its number of durable pages."""
    hub = Hub(await start_host("registry", "storage", "connector_hub"))
    connector = await hub.put(source_port)
    await hub.sync(connector, 0)
    assert await hub.cursor() == connector_hub_pb2.SourceCursor(run_id="run_1", position="4", pages=4)
    await hub.sync(connector, 1)
    assert await hub.cursor() == connector_hub_pb2.SourceCursor(run_id="run_1", position="5", pages=6, finished=True)
    await hub.sync(connector, 0, count=1, run_id="run_2")
    assert await hub.cursor() == connector_hub_pb2.SourceCursor(run_id="run_2", position="1", pages=1)
