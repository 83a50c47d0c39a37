"""Which page a sync requests next. Pure: it computes the next cursor from a cursor and the facts of a page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .connector import Pagination


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a run's sync is. It moves behind a page only when the page is durable."""

    position: str = ""
    """The upstream's cursor, the page number or the offset of the next page; empty for the first page with cursors."""
    pages: int = 0
    """Pages fetched so far."""
    finished: bool = False
    ends_at: int = 0
    """The number of pages at which the sync ends, even if the source has more. The next sync continues there."""

    @property
    def at_bound(self) -> bool:
        """Whether the sync may fetch no more pages, though the source has more."""
        return not self.finished and self.pages >= self.ends_at


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the next request needs from a page."""

    next_cursor: str
    """The cursor of the next page; empty at the end. Only for mode cursor."""
    records: int
    """Records in the page, for mode offset and page; 0 ends the sync."""


NOTHING = PageFacts("", 0)
"""The facts of an answer without content: the source has no more."""


class CursorStuck(Exception):
    """A page names itself as the next one: following it would never end, and stopping would lose later pages."""


def begin(pagination: Pagination) -> Cursor:
    """Return the cursor of a sync that has fetched nothing."""
    return Cursor(position=str(pagination.start) if pagination.mode in ("page", "offset") else "")


def parameters(pagination: Pagination, cursor: Cursor) -> Mapping[str, str]:
    """Return the query parameters that request the page at ``cursor``."""
    asked: dict[str, str] = {}
    if cursor.position and pagination.mode != "none":
        asked[pagination.request_param] = cursor.position
    if pagination.size_param and pagination.size:
        asked[pagination.size_param] = str(pagination.size)
    return asked


def advance(pagination: Pagination, cursor: Cursor, page: PageFacts) -> Cursor:
    """Return the cursor behind a durable page.

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
