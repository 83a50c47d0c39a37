"""Named points of a sync and of a push (``platform/failpoints.py``)."""

from enum import StrEnum


class Point(StrEnum):
    """Each is reached when what its name says has happened, and nothing of the next."""

    PAGE_DURABLE = "page_durable"
    """The page's bytes are in the raw plane; the cursor stands before it."""
    CURSOR_MOVED = "cursor_moved"
    """Page and cursor are noted; whoever asked for the sync has no answer."""


class PushPoint(StrEnum):
    """As above, on a push's way."""

    PUSH_DURABLE = "push_durable"
    """The push's bytes are in the raw plane; the inbox doesn't know."""
    PUSH_LANDED = "push_landed"
    """The inbox has the push; the client has no answer."""
    PUSHES_TAKEN = "pushes_taken"
    """A run has pushes of the inbox; whoever asked for them has no answer."""
    ENDS_NOTED = "ends_noted"
    """Inbox and cursor know the ends of work; nobody who waits for a commit is told."""
