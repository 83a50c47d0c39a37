"""The request for the next page."""

from typing import Any

import pytest

from chartly.connector_hub.domain import pages
from chartly.connector_hub.domain.connector import Pagination
from chartly.connector_hub.domain.pages import Cursor, CursorStuck, PageFacts


def pagination(**changes: Any) -> Pagination:
    """Return pagination by cursor."""
    facts: dict[str, Any] = {
        "mode": "cursor",
        "request_param": "cursor",
        "response_field": "$.next",
        "size_param": "",
        "size": 0,
        "start": 0,
        "records_field": "$.items",
        "pages_max": 10,
        "allow_empty": False,
    }
    return Pagination(**(facts | changes))


def test_the_first_page_is_asked_for_without_a_cursor() -> None:
    """The first request has no cursor."""
    assert pages.parameters(pagination(), pages.begin(pagination())) == {}


def test_a_cursor_leads_to_the_next_page_and_its_absence_ends() -> None:
    """A page's cursor is in the next request; a page without a cursor ends the sync."""
    after = pages.advance(pagination(), Cursor(), PageFacts("c1", 0))
    assert (after, pages.parameters(pagination(), after)) == (Cursor("c1", 1), {"cursor": "c1"})
    assert pages.advance(pagination(), after, PageFacts("", 0)).finished


def test_a_cursor_that_points_at_its_own_page_is_an_error() -> None:
    """A cursor of its own page is an error: it would repeat the page for ever."""
    with pytest.raises(CursorStuck):
        pages.advance(pagination(), Cursor("c1", 1), PageFacts("c1", 0))


def test_offsets_grow_by_what_came_and_end_at_an_empty_page() -> None:
    """The offset grows by the records of a page; only an empty page ends the sync."""
    by_offset = pagination(mode="offset", request_param="offset", size_param="limit", size=50)
    after = pages.advance(by_offset, pages.begin(by_offset), PageFacts("", 30))
    assert pages.parameters(by_offset, after) == {"offset": "30", "limit": "50"}
    assert pages.advance(by_offset, after, PageFacts("", 0)).finished


def test_page_numbers_grow_by_one() -> None:
    """Page numbers grow by one from the profile's first number."""
    by_page = pagination(mode="page", request_param="page", start=1)
    after = pages.advance(by_page, pages.begin(by_page), PageFacts("", 10))
    assert pages.parameters(by_page, after) == {"page": "2"}
