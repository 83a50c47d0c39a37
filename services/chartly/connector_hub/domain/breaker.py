"""The circuit breaker of one source: closed → open → half-open → closed. Pure: the time is passed in.

Its state is a value, so that it can stand in the database: a restart of the hub must not forget that a source is failing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Breaker:
    """Failures in a row, and until when the source is left alone."""

    failures: int = 0
    open_until: datetime | None = None

    def state(self, now: datetime) -> str:
        """Name the state: closed, open or half-open (one request may try)."""
        if self.open_until is None:
            return "closed"
        return "open" if now < self.open_until else "half-open"

    def wait_s(self, now: datetime) -> float:
        """Tell how many seconds the source is still left alone; 0 when a request may go."""
        return max(0.0, (self.open_until - now).total_seconds()) if self.open_until else 0.0

    def succeeded(self) -> "Breaker":
        """One request went well: closed."""
        return Breaker()

    def failed(self, now: datetime, failures_max: int, open_ms: int) -> "Breaker":
        """One request failed: open after ``failures_max`` in a row, and again when the half-open try failed."""
        failures = self.failures + 1
        opens = failures >= failures_max or self.open_until is not None
        return replace(self, failures=failures, open_until=now + timedelta(milliseconds=open_ms) if opens else None)
