"""A work item's named points in a drone's hands (``platform/failpoints.py``)."""

from enum import StrEnum


class Point(StrEnum):
    """Each is reached when what its name says has happened, and nothing of the next."""

    WORK_DONE = "work_done"
    """The service has answered; neither aggregator nor queue knows."""
    RESULT_POSTED = "result_posted"
    """The aggregator has the report; the queue still holds the lease."""
