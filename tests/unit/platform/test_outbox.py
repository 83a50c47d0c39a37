"""The outbox: events that wait for the ledger, within bounds."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from chartly.platform import outbox
from chartly.platform.blocking import Blocking
from chartly.platform.config import Config, Limits
from chartly.platform.metadata import Metadata
from chartly.platform.outbox import Event, LedgerBacklogFull

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
