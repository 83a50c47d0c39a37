"""Which page comes next."""

from typing import Any

import pytest

from chartly.connector_hub.domain import pages
from chartly.connector_hub.domain.connector import Pagination
from chartly.connector_hub.domain.pages import Cursor, CursorStuck, PageFacts


def pagination(**changes: Any) -> Pagination:
    """A source with cursors."""
    facts: dict[str, Any] = {
        "mode": "cursor",
        "request_param": "cursor",
        "response_field": "$.next",
        "size_param": "",
        "size": 0,
        "start": 0,
        "records_field": "$.items",
        "pages_max": 10,
    }
    return Pagination(**(facts | changes))


def test_the_first_page_is_asked_for_without_a_cursor() -> None:
    """Nothing is sent that the source did not give."""
    assert pages.parameters(pagination(), pages.begin(pagination())) == {}


def test_a_cursor_leads_to_the_next_page_and_its_absence_ends() -> None:
    """The page says where the next one is."""
    after = pages.advance(pagination(), Cursor(), PageFacts("c1", 0))
    assert (after, pages.parameters(pagination(), after)) == (Cursor("c1", 1), {"cursor": "c1"})
    assert pages.advance(pagination(), after, PageFacts("", 0)).finished


def test_a_cursor_that_points_at_its_own_page_is_an_error() -> None:
    """Following it would never end; ending there would lose what lies behind."""
    with pytest.raises(CursorStuck):
        pages.advance(pagination(), Cursor("c1", 1), PageFacts("c1", 0))


def test_offsets_grow_by_what_came_and_end_at_an_empty_page() -> None:
    """A short page is no end: only an empty one is."""
    by_offset = pagination(mode="offset", request_param="offset", size_param="limit", size=50)
    after = pages.advance(by_offset, pages.begin(by_offset), PageFacts("", 30))
    assert pages.parameters(by_offset, after) == {"offset": "30", "limit": "50"}
    assert pages.advance(by_offset, after, PageFacts("", 0)).finished


def test_page_numbers_grow_by_one() -> None:
    """From the number that the profile begins at."""
    by_page = pagination(mode="page", request_param="page", start=1)
    after = pages.advance(by_page, pages.begin(by_page), PageFacts("", 10))
    assert pages.parameters(by_page, after) == {"page": "2"}
