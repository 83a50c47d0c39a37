"""The circuit breaker of one source: closed → open → half-open → closed. Pure: the time is passed in.

It counts failed requests in a row, each attempt of a retried request on its own. The state is a value, so that it can stand in the
database: all processes share it, and a restart of the hub doesn't forget that a source is failing.

Requests overlap, so an outcome can come late. Each outcome is applied with the state that admitted its request: an open circuit changes
only by the outcome of its own trial request.
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

    def has_trial_of(self, admitted: "Breaker") -> bool:
        """Return whether the trial under way is the trial of the request that ``admitted`` let through."""
        return self.trial_until is not None and self.trial_until == admitted.trial_until

    def cancel_trial(self, admitted: "Breaker") -> "Breaker":
        """Return the breaker without the trial of a request that was never sent."""
        return replace(self, trial_until=None) if self.has_trial_of(admitted) else self

    def answered(self, admitted: "Breaker") -> "Breaker":
        """Return the breaker after an answer: closed, unless it has opened since the request was sent."""
        return Breaker() if self.open_until is None or self.has_trial_of(admitted) else self

    def failed(self, admitted: "Breaker", now: datetime, failures_max: int, open_ms: int) -> "Breaker":
        """Return the breaker after a failed request: open after ``failures_max`` in a row, or when the trial failed.

        A breaker that has opened since the request was sent stays as it is.
        """
        if self.open_until is not None and not self.has_trial_of(admitted):
            return self
        failures = self.failures + 1
        opens = failures >= failures_max or self.open_until is not None
        return Breaker(failures, now + timedelta(milliseconds=open_ms) if opens else None)

    def held(self, now: datetime, held_s: float) -> "Breaker":
        """Return the breaker open for at least a time, since the source asked for it."""
        until = now + timedelta(seconds=held_s)
        return replace(self, open_until=until if self.open_until is None else max(self.open_until, until))
