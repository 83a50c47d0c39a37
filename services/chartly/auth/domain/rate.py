"""Limit request rates with the generic cell rate algorithm: one number for each of at most ``names_max`` names.

The bucket holds the requests of one minute: a burst of that size passes, and the sustained rate is bounded.
"""

_MINUTE_S = 60.0


class Rate:
    """Requests a minute by name. Use it from one event loop only."""

    def __init__(self, per_minute: int, names_max: int) -> None:
        self.per_minute = per_minute
        self._step_s = _MINUTE_S / per_minute
        self._names_max = names_max
        self._full_at: dict[str, float] = {}

    def take(self, name: str, now_s: float) -> float:
        """Count one request. Return 0 if it may pass, else the seconds to wait.

        ``now_s`` is monotonic.
        """
        due = max(self._full_at.get(name, now_s), now_s)
        wait_s = due + self._step_s - now_s - _MINUTE_S
        if wait_s > 0:
            return wait_s
        self._full_at.pop(name, None)
        if len(self._full_at) >= self._names_max:
            # The name without a request for the longest time. Removing it permits it at most one extra minute of requests.
            del self._full_at[next(iter(self._full_at))]
        self._full_at[name] = due + self._step_s
        return 0.0
