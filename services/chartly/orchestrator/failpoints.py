"""Failpoints on the way of work to and from the queue (``platform/failpoints.py``)."""

from enum import StrEnum


class OrchestratorFailpoint(StrEnum):
    """A failpoint is reached when the step of its name is done and the next step has not begun."""

    FINISHED_READ = "finished_read"
    """Finished work was read from the queue; no run has counted it."""
    FINISHED_COUNTED = "finished_counted"
    """Runs and the read sequence are stored; the work that they ask for is not queued."""
    WORK_QUEUED = "work_queued"
    """The queue has stored wanted work; this process has not noted it."""
