"""What the hub reads from a page for its pagination."""

from typing import Any

import pytest

from chartly.connector_hub.domain.connector import connector_from
from chartly.connector_hub.domain.pages import PageFacts
from chartly.connector_hub.errors import UpstreamBadResponse
from chartly.connector_hub.sync.page_facts import page_facts
from chartly.connector_hub.upstream.fetcher import UpstreamPage

CURSOR = {"mode": "cursor", "requestParam": "cursor", "responseField": "next_cursor"}


def facts(body: bytes, pagination: dict[str, Any] = CURSOR) -> PageFacts:
    """Read a body as a page of a source with ``pagination``."""
    spec = {
        "transport": {"baseUrl": "https://api.example.com"},
        "egressPolicy": {"dnsAllowlist": ["api.example.com"]},
        "pagination": pagination,
    }
    return page_facts(connector_from({"metadata": {"name": "sales-http"}, "spec": spec}), UpstreamPage(body, "application/json"))


@pytest.mark.parametrize(("cursor", "expected"), [(b'"c2"', "c2"), (b"7", "7"), (b"null", ""), (b'""', "")])
def test_a_cursor_is_text_or_a_number(cursor: bytes, expected: str) -> None:
    """A cursor is a text or a number; null and empty text end the sync."""
    assert facts(b'{"items": [], "next_cursor": %s}' % cursor).next_cursor == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"items": [',
        b'{"next_cursor": {}}',
        b'{"next_cursor": true}',
        b'{"next_cursor": "a", "next_cursor": "b"}',
        b"\xff",
        b'{"items": %s, "next_cursor": null}' % (b"[" * 100_000 + b"]" * 100_000),
    ],
    ids=["empty", "html", "cut", "object", "flag", "twice", "no-utf8", "deep"],
)
def test_what_is_no_page_is_the_upstreams_fault(body: bytes) -> None:
    """A page that can't be read has a reason and a problem, and is the upstream's error."""
    with pytest.raises(UpstreamBadResponse) as refused:
        facts(body)
    assert refused.value.problem


def test_a_page_without_pagination_is_not_read() -> None:
    """A page of a source without pagination is not read."""
    assert facts(b"<html>", {"mode": "none"}) == PageFacts("", 0)


@pytest.mark.parametrize(("body", "records"), [(b'{"items": [1, {"a": []}, null]}', 3), (b'{"items": []}', 0)])
@pytest.mark.parametrize("field", ["$.items", "$.items[*]", "$['items'][0:9]"])
def test_page_by_offset_has_a_record_count(body: bytes, records: int, field: str) -> None:
    """The path leads to the list, or selects its elements."""
    offset = {"mode": "offset", "requestParam": "offset", "recordsField": field, "size": 3}
    assert facts(body, offset) == PageFacts("", records)


@pytest.mark.parametrize("body", [b'{"items": {"a": 1}}', b'{"other": [1]}', b'{"items": "text"}', b'{"items": null}', b"[1]", b'"text"'])
@pytest.mark.parametrize("mode", ["offset", "page", "cursor"])
def test_page_without_its_list_is_the_upstreams_fault(body: bytes, mode: str) -> None:
    """It would end the sync as an empty list does; with ``allowEmpty`` it does."""
    pagination = CURSOR | {"mode": mode, "recordsField": "items", "size": 3}
    with pytest.raises(UpstreamBadResponse, match="recordsField"):
        facts(body, pagination)
    assert facts(body, pagination | {"allowEmpty": True}) == PageFacts("", 0)


def test_expensive_query_is_refused() -> None:
    """A query that visits the page too often fails the sync with the page's name."""
    offset = {"mode": "offset", "requestParam": "offset", "recordsField": "$..*..*..*..*..*", "pageSize": 3}
    with pytest.raises(UpstreamBadResponse, match="more nodes than its bound"):
        facts(b"[" * 200 + b"]" * 200, offset)
