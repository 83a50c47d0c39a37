"""Failpoints of a drone's work on an item (``platform/failpoints.py``)."""

from enum import StrEnum


class DroneFailpoint(StrEnum):
    """A failpoint is reached when the step of its name is done and the next step has not begun."""

    WORK_DONE = "work_done"
    """The service has responded; neither the aggregator nor the queue has the result."""
    RESULT_POSTED = "result_posted"
    """The aggregator has the report; the queue still holds the lease."""
