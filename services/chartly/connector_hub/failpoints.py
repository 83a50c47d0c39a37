"""Places of a sync and of a push where tests stop the process (``platform/failpoints.py``)."""

from enum import StrEnum


class SyncPoint(StrEnum):
    """Each is reached when what its name says has happened, and nothing of the next step."""

    PAGE_DURABLE = "page_durable"
    """The page's bytes are in the raw plane; the cursor is still before the page."""
    CURSOR_MOVED = "cursor_moved"
    """Page and cursor are committed; the caller has no answer."""


class PushPoint(StrEnum):
    """The same for a push."""

    PUSH_DURABLE = "push_durable"
    """The push's bytes are in the raw plane; the inbox has no row."""
    PUSH_LANDED = "push_landed"
    """The inbox has the push; the client has no answer."""
    PUSHES_TAKEN = "pushes_taken"
    """A run has taken pushes from the inbox; the caller has no answer."""
    ENDS_NOTED = "ends_noted"
    """Inbox and cursor know which work has finished; no client that waits for a commit is notified."""
