"""How long the inbox remembers committed pushes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

from chartly.connector_hub.push.inbox import Inbox
from chartly.connector_hub.store import inbox as store
from chartly.platform.clock import Clock
from chartly.platform.config import Config
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.notification import KeyedNotifications
from chartly.platform.rpc.clients import Clients
from chartly.platform.telemetry.log import Logger
from chartly.v1 import common_pb2

from .conftest import Land

RETENTION_S = 90
PROJECT = "tenant-demo/proj-sales"
NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)


class FixedClock:
    """A clock that stands."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def now(self) -> datetime:
        """Return the fixed time."""
        return self.time


class NoClients:
    """Clients of services that this test doesn't call."""

    coordinator = None

    def acting(self, _: Scope) -> "NoClients":
        """Return itself."""
        return self


async def commit(metadata: Metadata, source_id: str, at_ms: int) -> None:
    """Take a source's push by a run, and commit it at a time."""
    run_id = f"run-{source_id}"
    await metadata.write(store.take, PROJECT, source_id, run_id, 0, 1, 10, at_ms)
    end = store.PageEnd(PROJECT, source_id, run_id, 0, 0, common_pb2.RecordCounts())
    await metadata.write(store.ended, metadata, [end], 3, at_ms)


async def test_commit_is_remembered_for_inbox_retention_s(metadata: Metadata, land: Land, make_config: Callable[..., Config]) -> None:
    """At the bound the push is remembered; a millisecond later it is deleted, and an uncommitted push never is."""
    for source_id in ("at-bound", "past-bound", "waiting"):
        await land(source_id, NOON_MS - 1)
    await commit(metadata, "at-bound", NOON_MS)
    await commit(metadata, "past-bound", NOON_MS - 1)
    limits, clock = make_config(limits__inbox_retention_s=RETENTION_S).limits, FixedClock(NOON + timedelta(seconds=RETENTION_S))
    inbox = Inbox(cast("Clients", NoClients()), cast("Clock", clock), metadata, limits, KeyedNotifications(), Logger("connector_hub"))

    await inbox.delete_old()

    found = [await metadata.read(store.find, PROJECT, name, f"key-{name}") for name in ("at-bound", "past-bound", "waiting")]
    assert [push.state if push else None for push in found] == [store.COMMITTED, None, store.LANDED]
