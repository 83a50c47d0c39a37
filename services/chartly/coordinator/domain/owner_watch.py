"""Decides whether the queue's owner has gone, from what another engine reads in the database. It changes nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """Who owns the queue, as another engine reads it."""

    owner_id: str
    """Empty when the last owner has stopped."""
    epoch: int
    beats: int


class OwnerWatch:
    """Watches the owner from another process. Time is the reader's own, so the clocks of two machines need not agree."""

    def __init__(self, silent_s: float | None) -> None:
        """``silent_s``: how long a living owner may leave its row unchanged; None if owners don't beat."""
        self._silent_s = silent_s
        self._last: OwnerRow | None = None
        self._since_s = 0.0

    def gone(self, row: OwnerRow, now_s: float) -> bool:
        """Return whether the owner has stopped, or has not changed its row for too long."""
        if row != self._last:
            self._last, self._since_s = row, now_s
        if not row.owner_id:
            return True
        return self._silent_s is not None and now_s - self._since_s >= self._silent_s
