"""What a source's answer means."""

from datetime import UTC, datetime

import pytest

from chartly.connector_hub.domain.answers import Meaning, meaning, retry_after_s

NOW = datetime(2026, 11, 30, 20, 36, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}
EXPECTED = (
    dict.fromkeys((200, 203), Meaning.PAGE)
    | {204: Meaning.NO_CONTENT}
    | dict.fromkeys((301, 302, 303, 307, 308), Meaning.REDIRECT)
    | dict.fromkeys((202, 408, 425, 429, 500, 502, 503, 504), Meaning.RETRY)
)


@pytest.mark.parametrize("is_paged", [False, True])
@pytest.mark.parametrize("status", [status for status in range(100, 600) if status != 206])
def test_status_has_one_meaning(status: int, is_paged: bool) -> None:  # noqa: FBT001 - a table
    """Only 200, 203 and 206 are pages, only 204 is an end, and what a retry can mend is retried."""
    assert meaning(status, JSON, is_paged=is_paged) == EXPECTED.get(status, Meaning.REFUSE)


@pytest.mark.parametrize(
    ("content_range", "alone", "paged"),
    [
        ("0-14/15", Meaning.PAGE, Meaning.PAGE),
        ("bytes 0-14/15", Meaning.PAGE, Meaning.PAGE),
        ("items 0-14/15", Meaning.PAGE, Meaning.PAGE),
        ("0-14/16", Meaning.REFUSE, Meaning.PAGE),
        ("1-15/16", Meaning.REFUSE, Meaning.PAGE),
        ("0-14/*", Meaning.REFUSE, Meaning.PAGE),
        ("items 0-14/16", Meaning.REFUSE, Meaning.PAGE),
        ("", Meaning.REFUSE, Meaning.PAGE),
        ("*/0", Meaning.REFUSE, Meaning.PAGE),
        ("bytes 0-14/16", Meaning.REFUSE, Meaning.REFUSE),
        ("BYTES 1-14/*", Meaning.REFUSE, Meaning.REFUSE),
        ("bytes */16", Meaning.REFUSE, Meaning.REFUSE),
    ],
)
def test_partial_answer_is_a_page_of_records_and_never_a_fragment(content_range: str, alone: Meaning, paged: Meaning) -> None:
    """Of a source that is read by one request, only the whole is a page."""
    headers = JSON | ({"Content-Range": content_range} if content_range else {})
    assert (meaning(206, headers, is_paged=False), meaning(206, headers, is_paged=True)) == (alone, paged)


@pytest.mark.parametrize("media", ["text/html", "text/html; charset=utf-8", "TEXT/HTML", "application/xhtml+xml"])
def test_html_is_no_page(media: str) -> None:
    """A login page is no data."""
    assert meaning(200, {"Content-Type": media}, is_paged=False) is Meaning.REFUSE


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("25", 25),
        ("600", 600),
        ("601", 600),
        ("9" * 500, 600),
        ("Mon, 30 Nov 2026 20:36:09 GMT", 9),
        ("Monday, 30-Nov-26 20:36:09 GMT", 9),
        ("Mon Nov 30 20:36:09 2026", 9),
        ("Mon, 30 Nov 2026 20:35:59 GMT", 0),
        ("Mon, 30 Nov 2099 20:36:09 GMT", 600),
        ("", 0),
        ("-5", 0),
        ("2.5", 0),
        ("soon", 0),
        ("\u0665", 0),
        ("Mon, 99 Nov 2026 99:36:09 GMT", 0),
    ],
)
def test_retry_after_is_read_in_all_forms(text: str, seconds: float) -> None:
    """Seconds and the three forms of a date, up to ten minutes; what is none of them asks for nothing."""
    assert retry_after_s(text, NOW) == seconds
