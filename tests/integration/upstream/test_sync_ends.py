"""How a sync ends: by the source's own end, or by an error that takes no durable page with it."""

from typing import Any

import pytest
from aiohttp import web

from chartly.v1 import common_pb2, connector_hub_pb2

from .conftest import Hub, Serve, StartHub
from .test_circuit import refused

PAGINATIONS: dict[str, dict[str, Any]] = {
    "page": {"mode": "page", "requestParam": "at", "recordsField": "items"},
    "offset": {"mode": "offset", "requestParam": "at", "recordsField": "items", "size": 1, "start": 1},
    "cursor": {"mode": "cursor", "requestParam": "at", "responseField": "next", "recordsField": "items"},
}


async def pages(hub: Hub, connector: common_pb2.FrozenProfile, sequence: int, count: int = 4) -> connector_hub_pb2.SyncSourceResponse:
    """Make one call of a run's sync."""
    request = connector_hub_pb2.SyncSourceRequest(run_id="run_1", connector=connector, pages_max=count, sequence=sequence)
    return await hub.clients.connector_hub.SyncSource(request)


def source_with(last: web.Response | dict[str, Any]) -> Any:
    """Return a handler that serves two pages of a record each, and then ``last``."""

    async def answer(request: web.Request) -> web.Response:
        at = int(request.query.get("at", "1"))
        if at <= 2:
            return web.json_response({"items": [{"id": at}], "next": str(at + 1)})
        if isinstance(last, dict):
            return web.json_response(last)
        return web.Response(status=last.status, body=last.body, headers=last.headers)

    return answer


@pytest.mark.parametrize("mode", PAGINATIONS)
@pytest.mark.parametrize("last", ["no-content", "empty-list"])
async def test_no_content_and_an_empty_list_end_a_sync(serve: Serve, start_hub: StartHub, mode: str, last: str) -> None:
    """Both are definite; 204 has no body and is no page."""
    empty: dict[str, Any] = {"items": []}
    end = web.Response(status=204) if last == "no-content" else empty
    hub = await start_hub()
    connector = await hub.put("feed", await serve(source_with(end)), pagination=PAGINATIONS[mode])

    answer, again = await pages(hub, connector, 0), await pages(hub, connector, 0)
    source = await hub.source("feed")

    assert (len(answer.pages), answer.finished) == (2 if last == "no-content" else 3, True)
    assert [page.sha256 for page in again.pages] == [page.sha256 for page in answer.pages]
    assert (source.cursor.finished, source.last_reason, source.requests) == (True, "", 3)


async def test_no_content_at_once_is_a_sync_without_pages(serve: Serve, start_hub: StartHub) -> None:
    """A source that is read by one request may have nothing."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=204)

    hub = await start_hub()
    connector = await hub.put("feed", await serve(answer))
    ended = await pages(hub, connector, 0)
    assert (list(ended.pages), ended.finished) == ([], True)


@pytest.mark.parametrize("mode", PAGINATIONS)
@pytest.mark.parametrize("status", [400, 404, 500])
async def test_error_after_durable_pages_leaves_them_to_their_call(serve: Serve, start_hub: StartHub, mode: str, status: int) -> None:
    """The call answers with the pages, so that they are normalized; the next call has the error, and the source's last reason."""
    hub = await start_hub()
    connector = await hub.put("feed", await serve(source_with(web.Response(status=status))), pagination=PAGINATIONS[mode])

    first = await pages(hub, connector, 0)
    with pytest.raises(Exception, match=str(status)) as failed:
        await pages(hub, connector, 1)

    assert (len(first.pages), first.finished) == (2, False)
    assert (await hub.source("feed")).last_reason == failed.value.remote_reason  # type: ignore[attr-defined]


async def test_error_at_the_first_page_is_the_calls(serve: Serve, start_hub: StartHub) -> None:
    """A call without a durable page has nothing else to answer."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=404)

    hub = await start_hub()
    error = await refused(hub, await hub.put("feed", await serve(answer), pagination=PAGINATIONS["page"]))
    assert error.remote_reason == "UPSTREAM_BAD_RESPONSE"
