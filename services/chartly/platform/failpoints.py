"""Failpoints: named places between two steps, where a test kills or fails a process. Each service defines its own.

Only fault tests observe them. Without an observer, a failpoint costs a function call.
"""

from collections.abc import Callable
from enum import StrEnum

Observer = Callable[[StrEnum], None]


def _nobody(_: StrEnum) -> None:
    """Do nothing."""


_observer: Observer = _nobody


def observe(observer: Observer) -> None:
    """Call ``observer`` at every failpoint that this process reaches from now on, on the thread that reaches it."""
    global _observer  # noqa: PLW0603 - one a process, set before anything is served
    _observer = observer


def observer() -> Observer:
    """Return the present observer."""
    return _observer


def reached(point: StrEnum) -> None:
    """Call the observer for a failpoint."""
    _observer(point)
