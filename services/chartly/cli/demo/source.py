"""The demonstration's upstream: an HTTP API with cursor pagination and the faults that upstreams have.

``python -m chartly.cli.demo.source --port PORT`` serves /sales, /weather, /market and /employment on loopback until it is ended. One page
of /sales comes twice. Another answers 503 at its first request of each sync, like a busy server.
"""

import argparse
import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from chartly.platform.signals import end_asked

from .sales import sales
from .tables import FILES, rows

PAGE_RECORDS = 500
TWICE_PAGE = 7
BUSY_PAGE = 20


@dataclass(frozen=True, slots=True)
class DemoPage:
    """One answer."""

    items: list[Any]
    next_cursor: str | None


def pages_of(items: list[Any], *, twice: int | None = None) -> dict[str, DemoPage]:
    """Divide items into pages with cursors; the page numbered ``twice`` comes twice."""
    cut = [items[start : start + PAGE_RECORDS] for start in range(0, len(items), PAGE_RECORDS)]
    if twice is not None and twice < len(cut):
        cut.insert(twice, cut[twice])
    cursors = ["", *(f"page-{number:04d}" for number in range(1, len(cut)))]
    following: list[str | None] = [*cursors[1:], None]
    return {cursor: DemoPage(part, after) for cursor, part, after in zip(cursors, cut, following, strict=True)}


class Source:
    """Serves the pages, and counts the requests."""

    def __init__(self) -> None:
        self._domains = {"sales": pages_of(list(sales()), twice=TWICE_PAGE)}
        self._domains |= {domain: pages_of(list(rows(domain))) for domain in FILES}
        self._asked: Counter[str] = Counter()

    async def page(self, request: web.Request) -> web.Response:
        """Answer with a page, or with the fault of that page."""
        pages = self._domains.get(request.match_info["domain"])
        page = pages.get(request.query.get("cursor", "")) if pages else None
        if page is None:
            return web.json_response({"error": "no such page"}, status=404)
        key = request.path_qs
        self._asked[key] += 1
        if request.match_info["domain"] == "sales" and request.query.get("cursor") == f"page-{BUSY_PAGE:04d}" and self._asked[key] % 2:
            return web.Response(status=503, headers={"Retry-After": "0"}, text="busy")
        return web.json_response({"items": page.items, "next_cursor": page.next_cursor})

    async def health(self, _: web.Request) -> web.Response:
        """Answer with the number of records by domain; a page that comes twice counts twice."""
        return web.json_response({domain: sum(len(page.items) for page in pages.values()) for domain, pages in self._domains.items()})


async def serve(port: int) -> None:
    """Serve until the process gets SIGINT or SIGTERM."""
    source, ended = Source(), end_asked()
    app = web.Application()
    app.router.add_get("/health", source.health)
    app.router.add_get("/{domain}", source.page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await ended.wait()
    await runner.cleanup()


def main() -> None:
    """Run the source."""
    ask = argparse.ArgumentParser(prog="python -m chartly.cli.demo.source", description="The demonstration's upstream.")
    ask.add_argument("--port", type=int, required=True, help="loopback port to listen on")
    asyncio.run(serve(ask.parse_args().port))


if __name__ == "__main__":
    main()
