"""Every kind of answer of a source: by status, body, content coding and pagination. No part is taken for the whole."""

import gzip
import json
import zlib
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from chartly.connector_hub.errors import UpstreamBadResponse, UpstreamUnavailable
from chartly.connector_hub.sync.page_facts import page_facts

from .raw_server import raw_server, response
from .test_fetch import connector, fetcher

PAGE = json.dumps({"items": [{"id": str(number)} for number in range(3)], "next": "c2"}).encode()
# RFC 9110's classes, and those that have a meaning of their own for a source.
STATUSES = [
    *(101, 200, 201, 202, 203, 204, 205, 206, 226),
    *(300, 301, 304, 305),
    *(400, 401, 403, 404, 408, 409, 410, 416, 425, 429, 451),
    *(500, 501, 502, 503, 504, 505, 507, 511, 599),
]
RETRIED = {202, 408, 425, 429, 500, 502, 503, 504}
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate, gzip": lambda body: gzip.compress(zlib.compress(body)),
    "br": bytes,
    "zstd": bytes,
    "unknown": bytes,
}
PLAIN = {"", "identity"}
UNDONE = {"", "identity", "gzip", "x-gzip", "deflate", "deflate, gzip"}
BODIES = ("whole", "cut", "cut-and-closed", "empty")
PAGINATIONS: dict[str, dict[str, Any]] = {
    "none": {"mode": "none"},
    "cursor": {"mode": "cursor", "requestParam": "cursor", "responseField": "next", "recordsField": "items"},
    "page": {"mode": "page", "requestParam": "page", "recordsField": "items"},
    "offset": {"mode": "offset", "requestParam": "offset", "recordsField": "items", "size": 3},
}


def answer_of(status: int, body: str, coding: str) -> bytes:
    """Return the answer's bytes."""
    packed = CODINGS[coding](PAGE) if body != "empty" else b""
    headers = {"Content_Encoding": coding} if coding else {}
    match body:
        case "cut":
            return response(status, packed[:-5], Content_Length=str(len(packed)), **headers)
        case "cut-and-closed":
            return response(status, packed[:-5], Content_Length="-", **headers)
        case _:
            return response(status, packed, **headers)


def expected(status: int, body: str, coding: str, mode: str) -> str:
    """Return what must become of an answer."""
    is_page = status in (200, 203) or (status == 206 and mode != "none")
    if status in RETRIED or (is_page and coding in UNDONE and (body.startswith("cut") or (body == "empty" and coding not in PLAIN))):
        return "unavailable"
    if status == 204:
        return "end"
    if not is_page or coding not in UNDONE:
        return "refused"
    if body == "empty":
        # An empty body is no JSON. Where pages aren't read here, the plan says so.
        return "empty page" if mode == "none" else "refused"
    return "page"


async def outcome(source: Any, mode: str) -> str:
    """Fetch a page and read it as a sync does."""
    async with fetcher(source) as fetching:
        try:
            page = await fetching.fetch({})
            facts = page_facts(source, page)
        except UpstreamUnavailable:
            return "unavailable"
        except UpstreamBadResponse:
            return "refused"
    if page.is_no_content:
        return "end" if not facts.records and not facts.next_cursor else "a page after the end"
    if not page.body:
        return "empty page"
    read = {"none": (0, ""), "cursor": (3, "c2"), "page": (3, ""), "offset": (3, "")}[mode]
    return "page" if page.body == PAGE and (facts.records, facts.next_cursor) == read else "a part of a page"


@pytest.mark.parametrize("mode", PAGINATIONS)
async def test_answer_is_a_whole_page_an_end_or_an_error(mode: str) -> None:
    """All combinations have the outcome that the table says; none is a part of a page."""
    wrong: list[tuple[int, str, str, str, str]] = []
    current = b""
    async with raw_server(lambda _, __: current) as url:
        source = connector(
            url, retry={"maxAttempts": 1, "backoffMs": 0, "maxBackoffMs": 0}, pagination=PAGINATIONS[mode], transport={"baseUrl": url}
        )
        for status, body, coding in product(STATUSES, BODIES, CODINGS):
            if (status in (204, 304) and body != "empty") or (status == 101 and body != "empty"):
                # These answers have no body (RFC 9110 §15).
                continue
            current = answer_of(status, body, coding)
            found = await outcome(source, mode)
            if found != expected(status, body, coding, mode):
                wrong.append((status, body, coding, found, expected(status, body, coding, mode)))
    assert wrong == []


@pytest.mark.parametrize("mode", ["cursor", "page", "offset"])
@pytest.mark.parametrize(
    ("page", "found"),
    [
        (b'{"items": [], "next": null}', "end"),
        (b'{"items": "temporarily unavailable"}', "refused"),
        (b'{"items": {"error": "temporarily unavailable"}}', "refused"),
        (b'{"items": null}', "refused"),
        (b'{"records": [{"id": "1"}]}', "refused"),
        (b'{"error": "temporarily unavailable"}', "refused"),
        (b"[]", "refused"),
        (b'"text"', "refused"),
    ],
)
async def test_page_without_its_list_is_not_the_end(mode: str, page: bytes, found: str) -> None:
    """Only an empty list, without another cursor, ends a source; a renamed or missing one is an error."""
    async with raw_server(lambda _, __: response(200, page)) as url:
        source = connector(url, pagination=PAGINATIONS[mode])
        async with fetcher(source) as fetching:
            fetched = await fetching.fetch({})
    if found == "refused":
        with pytest.raises(UpstreamBadResponse, match="recordsField"):
            page_facts(source, fetched)
    else:
        facts = page_facts(source, fetched)
        assert (facts.records, facts.next_cursor) == (0, "")


@pytest.mark.parametrize("field", ["items", "$.items", "$.items[*]", "$['items'][0:9]"])
async def test_profile_may_say_that_a_page_without_its_list_is_the_end(field: str) -> None:
    """With allowEmpty, a page without the list has no records, and a page with it has as many as before."""
    pagination = PAGINATIONS["page"] | {"recordsField": field, "allowEmpty": True}
    for page, records in ((b'{"done": true}', 0), (PAGE, 3)):
        async with raw_server(lambda _, __, page=page: response(200, page)) as url:
            source = connector(url, pagination=pagination, transport={"baseUrl": url})
            async with fetcher(source) as fetching:
                assert page_facts(source, await fetching.fetch({})).records == records
