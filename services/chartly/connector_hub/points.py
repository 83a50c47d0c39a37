"""A sync's named points (``platform/points.py``)."""

from enum import StrEnum


class Point(StrEnum):
    """Each is reached when what its name says has happened, and nothing of the next."""

    PAGE_DURABLE = "page_durable"
    """The page's bytes are in the raw plane; the checkpoint stands before it."""
    CHECKPOINT_MOVED = "checkpoint_moved"
    """Page and checkpoint are noted; whoever asked for the sync has no answer."""
