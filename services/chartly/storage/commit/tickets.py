"""Write tickets: who may write where, for how long. In memory only: after a restart callers begin again and find their receipt.

Used from one event loop; it makes and deletes no folders.
"""

from collections.abc import Callable
from typing import Literal

from chartly.storage.errors import TicketsExhausted, TicketUnknown
from chartly.storage.model import DatasetKey, Frozen, Submission, Value, WriteMode


class Errand(Value, frozen=True, kw_only=True):
    """What a folder is for that no commit of its own follows from."""

    kind: Literal["restage", "verify"]
    subject: str
    """The rebuild's id; or nothing."""
    place: int
    """Of the chunk within the rebuild; or the dataset's version that is verified."""


class Ticket(Value, frozen=True, kw_only=True):
    """The right to commit one chunk."""

    ticket: str
    key: DatasetKey
    submission: Submission
    storage: Frozen
    mode: WriteMode
    expires_s: float
    """On the monotonic clock."""
    errand: Errand | None = None
    """What else its folder is for; None for a commit."""


class Tickets:
    """The open tickets, bounded in number and age."""

    def __init__(self, tickets_max: int, monotonic_s: Callable[[], float]) -> None:
        self._tickets_max = tickets_max
        self._monotonic_s = monotonic_s
        self._open: dict[str, Ticket] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, ticket: Ticket) -> None:
        """Keep a new ticket.

        Raises:
            TicketsExhausted: the bound is reached; ``expire`` first.
        """
        if len(self._open) >= self._tickets_max:
            raise TicketsExhausted(self._tickets_max)
        self._open[ticket.ticket] = ticket

    def take(self, ticket: str, key_scope: tuple[str, str], kind: str = "") -> Ticket:
        """Use a ticket up: a second caller with it finds nothing.

        Raises:
            TicketUnknown: never given, used, expired, for another errand, or another project's.
        """
        found = self._open.get(ticket)
        if (
            found is None
            or kind != (found.errand.kind if found.errand else "")
            or (found.key.tenant, found.key.project) != key_scope
            or found.expires_s <= self._monotonic_s()
        ):
            raise TicketUnknown
        return self._open.pop(ticket)

    def expire(self) -> list[Ticket]:
        """Drop what is past its time, and tell what that was."""
        now_s = self._monotonic_s()
        late = [ticket for ticket in self._open.values() if ticket.expires_s <= now_s]
        for ticket in late:
            del self._open[ticket.ticket]
        return late
