"""What a source's answer means, by its status and headers (RFC 9110). Pure.

A doubtful answer is not the end of a source: it is retried, or the sync fails. Only a definite one ends it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from http import HTTPStatus

RETRY_AFTER_S_MAX = 600.0
"""The longest ``Retry-After`` that is obeyed; the queue's work items wait no longer either."""

# 408, 425, 429 and what a proxy or an overloaded server answers, and 202: the answer isn't made yet. A retry changes no other status.
_RETRIED = frozenset({202, 408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HTML = frozenset({"text/html", "application/xhtml+xml"})
# RFC 9110 §14.4; PostgREST leaves the unit out.
_RANGE = re.compile(r"\s*(?:(?P<unit>[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s+)?(?P<first>\d{1,18})-(?P<last>\d{1,18})/(?P<total>\d{1,18}|\*)\s*")


class Meaning(Enum):
    """What is done with an answer."""

    PAGE = auto()
    """Its body is a page."""
    NO_CONTENT = auto()
    """The source says that there is nothing: the end."""
    REDIRECT = auto()
    """It names another URL."""
    RETRY = auto()
    """The same request may be answered otherwise later."""
    REFUSE = auto()
    """A retry would not change it, and it is no page."""


def meaning(status: int, headers: Mapping[str, str], *, is_paged: bool) -> Meaning:
    """Return what an answer means.

    Args:
        status: the HTTP status.
        headers: the answer's headers, found in any case.
        is_paged: whether the source is read in several pages, so that an answer may be a part of its records.
    """
    if status in _REDIRECTS:
        return Meaning.REDIRECT
    if status in _RETRIED:
        return Meaning.RETRY
    if status == HTTPStatus.NO_CONTENT:
        return Meaning.NO_CONTENT
    if status == HTTPStatus.PARTIAL_CONTENT:
        is_page = _is_page(headers.get("Content-Range", ""), is_paged=is_paged)
    else:
        is_page = status in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION)
    media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Meaning.PAGE if is_page and media_type not in _HTML else Meaning.REFUSE


def retry_after_s(text: str, now: datetime) -> float:
    """Read ``Retry-After`` (RFC 9110 §10.2.3): seconds, or a date in any of the three forms of §5.6.7. 0 for what is neither."""
    if text.isascii() and text.isdigit():
        return min(float(text), RETRY_AFTER_S_MAX)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    # The form of asctime names no zone; HTTP dates are in UTC.
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(0.0, (until - now).total_seconds()), RETRY_AFTER_S_MAX)


def _is_page(content_range: str, *, is_paged: bool) -> bool:
    """Return whether a partial answer is a page: some of the source's records, or all of what was asked for.

    A range of bytes is a fragment of a page, which no request of ours asks for.
    """
    found = _RANGE.fullmatch(content_range)
    if found is not None and found["total"] != "*" and int(found["first"]) == 0 and int(found["last"]) + 1 == int(found["total"]):
        return True
    unit = found["unit"] if found is not None else content_range.strip().partition(" ")[0]
    return is_paged and (unit or "").lower() != "bytes"
