"""The time, as something a service is given. It never sleeps: waiting is asyncio's business."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time; tests give one that stands still."""

    def now(self) -> datetime:
        """Tell the wall clock's time, aware, in UTC. For what people read and what is stored."""
        ...

    def monotonic_s(self) -> float:
        """Tell seconds since an arbitrary start, never going back. For durations and expiry."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Tell the wall clock's time in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Tell the monotonic clock's seconds."""
        return time.monotonic()
