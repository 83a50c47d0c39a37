"""The protocol's named points: where a process may die. A fault test observes them; nothing else does, and then they cost a call."""

from collections.abc import Callable
from enum import StrEnum


class Point(StrEnum):
    """Each is reached when what its name says has happened, and nothing of the next."""

    STAGED_READ = "staged_read"
    FILES_DURABLE = "files_durable"
    ROW_PREPARED = "row_prepared"
    QUARANTINE_COMMITTED = "quarantine_committed"
    TABLE_COMMITTED = "table_committed"
    INDEX_APPLIED = "index_applied"
    ROW_COMMITTED = "row_committed"
    STAGING_SWEPT = "staging_swept"


Observer = Callable[[Point], None]


def _nobody(_: Point) -> None:
    """Observe nothing."""


_observer: Observer = _nobody


def observe(observer: Observer) -> None:
    """Have ``observer`` called at every point that this process reaches from now on, on the thread that reaches it."""
    global _observer  # noqa: PLW0603 - one a process, set before anything is served
    _observer = observer


def observer() -> Observer:
    """Tell who observes."""
    return _observer


def reached(point: Point) -> None:
    """Tell the observer."""
    _observer(point)
