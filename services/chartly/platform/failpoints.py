"""Named points between the steps of the platform's protocols: where a process may die. It names none; each service names its own.

A fault test observes them. Nothing else does, and then they cost a call.
"""

from collections.abc import Callable
from enum import StrEnum

Observer = Callable[[StrEnum], None]


def _nobody(_: StrEnum) -> None:
    """Observe nothing."""


_observer: Observer = _nobody


def observe(observer: Observer) -> None:
    """Have ``observer`` called at every point that this process reaches from now on, on the thread that reaches it."""
    global _observer  # noqa: PLW0603 - one a process, set before anything is served
    _observer = observer


def observer() -> Observer:
    """Tell who observes."""
    return _observer


def reached(point: StrEnum) -> None:
    """Tell the observer."""
    _observer(point)
