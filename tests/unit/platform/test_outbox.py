"""The outbox: events that wait for the ledger, within bounds."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import cast

import msgspec
import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from chartly.platform import outbox
from chartly.platform.blocking import Blocking
from chartly.platform.config import Config, Limits
from chartly.platform.errors import RemoteError
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.outbox import Event, LedgerBacklogFull, OutboxDelivery
from chartly.platform.rpc.clients import Clients
from chartly.platform.telemetry.log import Logger
from chartly.v1 import audit_pb2

TABLES = sa.MetaData()
TABLE = outbox.outbox_table("some_outbox", TABLES)


@pytest.fixture
async def metadata(make_config: Callable[..., Config]) -> AsyncIterator[Metadata]:
    """Return a database with an empty outbox."""
    blocking = Blocking(2, 100)
    opened = Metadata(make_config(), blocking)
    await opened.write(TABLES.create_all)
    yield opened
    opened.close()
    blocking.close()


def event(key: str) -> Event:
    """Return an event."""
    return Event(key=key, type="dataset.updated", subject="dataset/orders", occurred_at=datetime(2026, 2, 2, tzinfo=UTC), details={})


async def put(metadata: Metadata, *keys: str) -> outbox.Backlog:
    """Store events, and return the backlog."""
    await metadata.write(outbox.put, TABLE, "tenant-demo", "proj-sales", [event(key) for key in keys])
    return await metadata.read(outbox.backlog, TABLE)


async def test_change_is_refused_when_too_many_events_wait(metadata: Metadata) -> None:
    """A change is accepted below the bound of waiting events, and refused with a time to retry at the bound."""
    limits = Limits(outbox_events_max=2)
    await put(metadata, "one")
    await metadata.read(outbox.admit, TABLE, limits)
    await put(metadata, "two")
    with pytest.raises(LedgerBacklogFull) as refused:
        await metadata.read(outbox.admit, TABLE, limits)
    assert refused.value.events == 2
    assert refused.value.retry_after_s


async def test_change_is_refused_when_waiting_events_are_too_large(metadata: Metadata) -> None:
    """A change is accepted below the bound of bytes of waiting events, and refused at the bound."""
    found = await put(metadata, "one")
    await metadata.read(outbox.admit, TABLE, Limits(outbox_bytes_max=found.bytes + 1))
    with pytest.raises(LedgerBacklogFull):
        await metadata.read(outbox.admit, TABLE, Limits(outbox_bytes_max=found.bytes))


async def test_refused_events_count_to_the_bound(metadata: Metadata) -> None:
    """A change is refused when the events that wait and those that the ledger refused are as many as the bound, in number or bytes."""
    await put(metadata, "one", "two")
    await metadata.write(refuse_oldest)
    found = await metadata.read(outbox.backlog, TABLE)
    assert (found.events, found.refused) == (1, 1)
    stored_bytes = found.bytes + found.refused_bytes

    await metadata.read(outbox.admit, TABLE, Limits(outbox_events_max=3, outbox_bytes_max=stored_bytes + 1))
    for limits in (Limits(outbox_events_max=2), Limits(outbox_bytes_max=stored_bytes)):
        with pytest.raises(LedgerBacklogFull) as refused:
            await metadata.read(outbox.admit, TABLE, limits)
        assert (refused.value.events, refused.value.refused) == (2, 1)


def refuse_oldest(connection: sa.Connection) -> None:
    """Mark the oldest event as refused."""
    oldest = sa.select(sa.func.min(TABLE.c.position)).scalar_subquery()
    connection.execute(TABLE.update().where(TABLE.c.position == oldest).values(refusal="no such type"))


class LedgerCalls:
    """Receives calls to the ledger, and refuses events by key."""

    def __init__(self, *refused: str) -> None:
        self.requests: list[audit_pb2.AppendEventsRequest] = []
        self.refused = set(refused)
        self.audit = self

    def acting(self, _: Scope) -> "LedgerCalls":
        """Return itself: it has no rights."""
        return self

    async def AppendEvents(self, request: audit_pb2.AppendEventsRequest) -> audit_pb2.AppendEventsResponse:
        """Store the call, or refuse it if it has an event that is refused."""
        self.requests.append(request)
        if self.refused & {sent.event_key for sent in request.events}:
            raise RemoteError("audit", 3, "INVALID_REQUEST", "no such type")
        return audit_pb2.AppendEventsResponse()

    @property
    def accepted(self) -> list[str]:
        """Keys of the events that were accepted, in the order of the calls."""
        return [sent.event_key for request in self.requests for sent in request.events if sent.event_key not in self.refused]


@asynccontextmanager
async def delivering(metadata: Metadata, ledger: LedgerCalls) -> AsyncGenerator[OutboxDelivery]:
    """Deliver the outbox to a ledger."""
    metrics = outbox.outbox_metrics(CollectorRegistry())
    delivery = OutboxDelivery("test", TABLE, metadata, cast("Clients", ledger), Logger("test"), metrics)
    delivery.start()
    yield delivery
    await delivery.stop()


async def until(metadata: Metadata, events: int, refused: int) -> None:
    """Wait until so many events wait and are refused."""
    async with asyncio.timeout(10):
        while True:
            found = await metadata.read(outbox.backlog, TABLE)
            if (found.events, found.refused) == (events, refused):
                return
            await asyncio.sleep(0.01)


async def test_bound_of_a_call_counts_bytes(metadata: Metadata) -> None:
    """Events whose characters have several bytes are divided into calls that are within the bound."""
    details = {"reason": "\u20ac" * 700_000}
    large = [msgspec.structs.replace(event(f"e{number}"), details=details) for number in range(4)]
    await metadata.write(outbox.put, TABLE, "tenant-demo", "proj-sales", large)
    ledger = LedgerCalls()
    async with delivering(metadata, ledger):
        await until(metadata, 0, 0)

    assert ledger.accepted == ["e0", "e1", "e2", "e3"]
    assert max(request.ByteSize() for request in ledger.requests) <= 4 * 1024 * 1024


async def test_refused_events_stay_refused_at_a_start(metadata: Metadata) -> None:
    """At a start a refused event is retried, and never counts as waiting; new events are delivered before it."""
    await put(metadata, "refused")
    async with delivering(metadata, LedgerCalls("refused")):
        await until(metadata, 0, 1)
    await put(metadata, "new")

    counted: list[int] = []

    class Watching(LedgerCalls):
        async def AppendEvents(self, request: audit_pb2.AppendEventsRequest) -> audit_pb2.AppendEventsResponse:
            counted.append((await metadata.read(outbox.backlog, TABLE)).refused)
            return await super().AppendEvents(request)

    ledger = Watching("refused")
    async with delivering(metadata, ledger), asyncio.timeout(10):
        while len(ledger.requests) < 2:  # noqa: ASYNC110 - delivered in the background
            await asyncio.sleep(0.01)

    assert [request.events[0].event_key for request in ledger.requests] == ["new", "refused"]
    assert counted == [1, 1]
    await until(metadata, 0, 1)


async def test_refused_event_is_delivered_when_the_ledger_accepts_it(metadata: Metadata) -> None:
    """After a start with a ledger that accepts them, all refused events are delivered, also those behind one that stays refused."""
    keys = [f"e{number}" for number in range(300)]
    await put(metadata, *keys)
    async with delivering(metadata, LedgerCalls(*keys)):
        await until(metadata, 0, 300)

    async with delivering(metadata, LedgerCalls("e0")):
        await until(metadata, 0, 1)
