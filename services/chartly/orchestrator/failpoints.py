"""Named points on the way of work from and to the queue (``platform/failpoints.py``)."""

from enum import StrEnum


class Point(StrEnum):
    """Each is reached when what its name says has happened, and nothing of the next."""

    FINISHED_READ = "finished_read"
    """The ends of work are read from the queue; no run has counted them."""
    FINISHED_COUNTED = "finished_counted"
    """Runs and cursor are stored; what they want next isn't queued."""
    WORK_QUEUED = "work_queued"
    """The queue has wanted work; this process hasn't noted it."""
