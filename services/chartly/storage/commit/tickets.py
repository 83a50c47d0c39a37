"""Write tickets: which chunk a caller may write, and until when. In memory only: after a restart a caller asks for a new one.

Used from one event loop. It creates and deletes no folders.
"""

from collections.abc import Callable
from typing import Literal

from chartly.storage.errors import TicketsExhausted, TicketUnknown
from chartly.storage.model import DatasetKey, FrozenRef, Submission, Value, WriteMode


class TicketPurpose(Value, frozen=True, kw_only=True):
    """The purpose of a folder with files that are not committed as a chunk."""

    kind: Literal["reprocess", "verify"]
    reprocess_id: str = ""
    chunk_number: int = 0
    """Number of the chunk within the reprocess."""
    dataset_version: int = 0
    """The version that is verified."""


class Ticket(Value, frozen=True, kw_only=True):
    """The right to commit one chunk."""

    ticket: str
    key: DatasetKey
    submission: Submission
    storage: FrozenRef
    mode: WriteMode
    expires_s: float
    """Time of expiry, on the monotonic clock."""
    purpose: TicketPurpose | None = None
    """What its folder is for; None for the commit of a chunk."""


class Tickets:
    """The open tickets, bounded in number and age."""

    def __init__(self, tickets_max: int, monotonic_s: Callable[[], float]) -> None:
        self._tickets_max = tickets_max
        self._monotonic_s = monotonic_s
        self._open: dict[str, Ticket] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, ticket: Ticket) -> None:
        """Store a new ticket.

        Raises:
            TicketsExhausted: the bound is reached, after ``expire``.
        """
        if len(self._open) >= self._tickets_max:
            raise TicketsExhausted(self._tickets_max)
        self._open[ticket.ticket] = ticket

    def close(self, ticket: str) -> None:
        """Remove a ticket that its caller can't get to know."""
        self._open.pop(ticket, None)

    def take(self, ticket: str, key_scope: tuple[str, str], kind: str = "") -> Ticket:
        """Remove and return a ticket. It can be used once.

        Raises:
            TicketUnknown: it does not exist, was used, expired, or is for another purpose or project.
        """
        found = self._open.get(ticket)
        if (
            found is None
            or kind != (found.purpose.kind if found.purpose else "")
            or (found.key.tenant, found.key.project) != key_scope
            or found.expires_s <= self._monotonic_s()
        ):
            raise TicketUnknown
        return self._open.pop(ticket)

    def expire(self) -> list[Ticket]:
        """Remove and return the expired tickets."""
        now_s = self._monotonic_s()
        late = [ticket for ticket in self._open.values() if ticket.expires_s <= now_s]
        for ticket in late:
            del self._open[ticket.ticket]
        return late
