"""Which page comes next. Pure: a cursor and what a page says give the next cursor; nothing is fetched here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .connector import Pagination


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a run's sync is. It moves only after its page is durable."""

    position: str = ""
    """Cursor, page number or offset to ask for next; empty before the first page of a cursor."""
    pages: int = 0
    """Pages fetched so far."""
    finished: bool = False


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the next step needs to know of a page."""

    next_cursor: str
    """Where the page says the next one is; empty at the end. Only for mode cursor."""
    records: int
    """Records in the page, for mode offset and page; 0 ends the sync."""


class CursorStuck(Exception):
    """A cursor that points at the page it came with would be followed for ever; ending there would lose what lies behind."""


def begin(pagination: Pagination) -> Cursor:
    """Give the cursor of a sync that has fetched nothing."""
    return Cursor(position=str(pagination.start) if pagination.mode in ("page", "offset") else "")


def parameters(pagination: Pagination, cursor: Cursor) -> Mapping[str, str]:
    """Give the query parameters that ask for the page at ``cursor``."""
    asked: dict[str, str] = {}
    if cursor.position and pagination.mode != "none":
        asked[pagination.request_param] = cursor.position
    if pagination.size_param and pagination.size:
        asked[pagination.size_param] = str(pagination.size)
    return asked


def advance(pagination: Pagination, cursor: Cursor, page: PageFacts) -> Cursor:
    """Give the cursor behind a durable page.

    Raises:
        CursorStuck: the page names itself as the next one.
    """
    after = replace(cursor, pages=cursor.pages + 1)
    match pagination.mode:
        case "none":
            return replace(after, finished=True)
        case "cursor":
            if page.next_cursor and page.next_cursor == cursor.position:
                raise CursorStuck
            return replace(after, position=page.next_cursor or cursor.position, finished=not page.next_cursor)
        case "page":
            return replace(after, position=str(int(cursor.position) + 1), finished=page.records == 0)
        case "offset":
            return replace(after, position=str(int(cursor.position) + page.records), finished=page.records == 0)
