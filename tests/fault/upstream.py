"""The source of a fault test: an HTTP API with pages of sales by cursor, some invalid, some repeated, whose answers can be delayed.

It is not part of the platform, so it is never killed. A page is a pure function of its number, and so is its expected outcome.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

BAD_EVERY = 7
OVERLAP = 5
"""Records that a page repeats of the page before it."""
TWICE_EVERY, TWICE_BACK = 16, 9
"""Every sixteenth page brings the records of the ninth before it once more."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The expected result for the records, computed without the platform."""

    records_in: int
    canonical: int
    duplicates: int
    quarantined: int


def records(page: int, count: int) -> Iterator[dict[str, Any]]:
    """Return a page's records. One has the id of a record of the page before and another amount, so it is quarantined."""
    number = page - TWICE_BACK if page % TWICE_EVERY == TWICE_EVERY - 3 else page
    first = number * count - (OVERLAP if number else 0)
    for position, n in enumerate(range(first, first + count)):
        conflicts = position == count // 2
        sale = n - 1 if conflicts else n
        amount = "9.99" if conflicts else "much" if n % BAD_EVERY == 0 else f"{n}.25"
        yield {
            "id": f"sale_{sale:08}",
            "timestamp": f"2026-02-{n % 28 + 1:02}T12:00:00Z",
            "totals": {"amount": amount, "currency": "EUR"},
            "customer": {"id": f"c{n % 9}"},
        }


def expected(pages: int, count: int) -> Expected:
    """Return the expected result of all pages, in any order of their commits."""
    known: dict[str, str] = {}
    canonical = duplicates = quarantined = 0
    for page in range(pages):
        for record in records(page, count):
            identity, content = record["id"], json.dumps(record)
            if record["totals"]["amount"] == "much" or known.get(identity, content) != content:
                quarantined += 1
            elif identity in known:
                duplicates += 1
            else:
                known[identity] = content
                canonical += 1
    return Expected(pages * count, canonical, duplicates, quarantined)


@asynccontextmanager
async def serving(pages: int, count: int, may_answer: Callable[[int], Awaitable[None]]) -> AsyncGenerator[int]:
    """Serve the API on loopback; yield its port. ``may_answer`` is awaited with a page's number before the page is sent."""

    async def answer(request: web.Request) -> web.Response:
        page = int(request.query.get("cursor", "0"))
        await may_answer(page)
        body: dict[str, Any] = {"items": list(records(page, count))}
        if page + 1 < pages:
            body["next_cursor"] = str(page + 1)
        return web.json_response(body)

    app = web.Application()
    app.router.add_get("/sales", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def at_once(_: int) -> None:
    """Allow every page at once."""
    await asyncio.sleep(0)
