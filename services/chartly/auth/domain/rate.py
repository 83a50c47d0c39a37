"""How often is too often: a generic cell rate, one number a name. It keeps at most ``names_max`` names and no clock.

The bucket holds one minute's requests, so a burst of that size passes and the sustained rate holds.
"""

_MINUTE_S = 60.0


class Rate:
    """Requests a minute by name; used from one event loop only."""

    def __init__(self, per_minute: int, names_max: int) -> None:
        self.per_minute = per_minute
        self._step_s = _MINUTE_S / per_minute
        self._names_max = names_max
        self._full_at: dict[str, float] = {}

    def take(self, name: str, now_s: float) -> float:
        """Count one request; give 0 when it may pass, else the seconds until one may.

        ``now_s`` is monotonic.
        """
        due = max(self._full_at.get(name, now_s), now_s)
        wait_s = due + self._step_s - now_s - _MINUTE_S
        if wait_s > 0:
            return wait_s
        self._full_at.pop(name, None)
        if len(self._full_at) >= self._names_max:
            # The name that was longest quiet; forgetting it forgives it at most one minute's requests.
            del self._full_at[next(iter(self._full_at))]
        self._full_at[name] = due + self._step_s
        return 0.0
