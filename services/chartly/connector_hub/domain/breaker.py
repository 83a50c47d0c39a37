"""The circuit breaker of one source: closed → open → half-open → closed. Pure: the time is passed in.

It counts failed requests in a row, each attempt of a retried request on its own. The state is a value, so that it can stand in the
database: all processes share it, and a restart of the hub doesn't forget that a source is failing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Breaker:
    """The state of a circuit. Half-open, it lets one trial request through at a time."""

    failures: int = 0
    """Failed requests in a row."""
    open_until: datetime | None = None
    """When the circuit becomes half-open; None while it is closed."""
    trial_until: datetime | None = None
    """When the running trial request counts as lost; None without a trial."""

    def state(self, now: datetime) -> str:
        """Return the state's name: closed, open or half-open."""
        if self.open_until is None:
            return "closed"
        return "open" if now < self.open_until else "half-open"

    def wait_s(self, now: datetime) -> float:
        """Return the seconds until a request may be sent: 0 when closed, or half-open without a trial."""
        if self.open_until is None:
            return 0.0
        until = max(self.open_until, self.trial_until or self.open_until)
        return max(0.0, (until - now).total_seconds())

    def begin_trial(self, now: datetime, trial_s: float) -> "Breaker":
        """Return the half-open breaker with a trial request under way, which counts as lost after ``trial_s``."""
        return replace(self, trial_until=now + timedelta(seconds=trial_s))

    def cancel_trial(self) -> "Breaker":
        """Return the breaker without its trial: the request of the trial was never sent."""
        return replace(self, trial_until=None)

    def succeeded(self) -> "Breaker":
        """Return the breaker after an answered request: closed."""
        return Breaker()

    def failed(self, now: datetime, failures_max: int, open_ms: int) -> "Breaker":
        """Return the breaker after a failed request: open after ``failures_max`` in a row, or when the trial failed."""
        failures = self.failures + 1
        opens = failures >= failures_max or self.open_until is not None
        return Breaker(failures, now + timedelta(milliseconds=open_ms) if opens else None)
