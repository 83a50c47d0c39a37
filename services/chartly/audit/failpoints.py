"""An entry's named points on its way into the log (``platform/failpoints.py``)."""

from enum import StrEnum


class LedgerFailpoint(StrEnum):
    """Each failpoint is reached after the step in its name, and before the next step begins."""

    ENTRIES_INDEXED = "entries_indexed"
    """The entries have their indexes in the database; no tile holds them yet."""
    TILES_WRITTEN = "tiles_written"
    """Tiles and bundles hold the entries; no checkpoint covers them yet."""
    CHECKPOINT_WRITTEN = "checkpoint_written"
    """The signed checkpoint is a file; the database does not hold it yet, and the caller has no answer."""
