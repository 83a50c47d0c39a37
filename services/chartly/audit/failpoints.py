"""An entry's named points on its way into the log (``platform/failpoints.py``)."""

from enum import StrEnum


class Point(StrEnum):
    """Each is reached when what its name says has happened, and nothing of the next."""

    ENTRIES_INDEXED = "entries_indexed"
    """The entries have their places in the database; no tile holds them."""
    TILES_WRITTEN = "tiles_written"
    """Tiles and bundles hold the entries; no checkpoint covers them."""
    CHECKPOINT_WRITTEN = "checkpoint_written"
    """The signed checkpoint is a file; the database doesn't remember it, and whoever appended has no answer."""
