"""The clock that a service gets from its host. It never sleeps."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A source of time. Tests use one that they control."""

    def now(self) -> datetime:
        """Return the wall clock's time, aware, in UTC. For times that are stored or shown."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds since an arbitrary start, which never decrease. For durations and expiry."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Return the wall clock's time in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return the monotonic clock's seconds."""
        return time.monotonic()
