"""Write tickets are used once, expire, and are bounded in number."""

import pytest

from chartly.storage.commit.tickets import Ticket, Tickets
from chartly.storage.errors import TicketsExhausted, TicketUnknown
from chartly.storage.model import DatasetKey, FrozenRef, Submission, WriteMode


def ticket(name: str, expires_s: float = 10.0) -> Ticket:
    """Return a ticket of project t/p."""
    return Ticket(
        ticket=name,
        key=DatasetKey("t", "p", "d"),
        submission=Submission(work_key="k", submission_id="k"),
        storage=FrozenRef(),
        mode=WriteMode.APPEND,
        expires_s=expires_s,
    )


def test_ticket_is_used_up() -> None:
    """A second use of a ticket, or one by another project, finds nothing."""
    tickets = Tickets(2, lambda: 0.0)
    tickets.open(ticket("a"))
    with pytest.raises(TicketUnknown):
        tickets.take("a", ("t", "other"))
    assert tickets.take("a", ("t", "p")).ticket == "a"
    with pytest.raises(TicketUnknown):
        tickets.take("a", ("t", "p"))


def test_tickets_end_in_time_and_number() -> None:
    """A ticket above the bound is refused, and an expired one is unknown."""
    now = 0.0
    tickets = Tickets(2, lambda: now)
    tickets.open(ticket("a", 5.0))
    tickets.open(ticket("b", 10.0))
    with pytest.raises(TicketsExhausted):
        tickets.open(ticket("c"))
    now = 5.0
    with pytest.raises(TicketUnknown):
        tickets.take("a", ("t", "p"))
    assert [late.ticket for late in tickets.expire()] == ["a"]
    assert len(tickets) == 1
