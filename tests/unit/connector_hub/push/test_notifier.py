"""Notifications of pushes when the orchestrator refuses some of them."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from chartly.connector_hub.push.notifier import Notifier
from chartly.platform.clock import Clock
from chartly.platform.errors import RemoteError
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.rpc.clients import Clients
from chartly.platform.telemetry.log import Logger
from chartly.v1 import orchestrator_pb2

from .conftest import Land

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
RESEND_S = 60
INTERNAL, UNAVAILABLE, PERMISSION_DENIED = 13, 14, 7


class Orchestrator:
    """Takes events, and refuses those of some sources. It stands for the clients too."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.asked: list[str] = []
        self.refuses: dict[str, int] = {}
        """The code with which each source's events are refused."""

    @property
    def orchestrator(self) -> "Orchestrator":
        """Return itself."""
        return self

    def acting(self, _: Scope) -> "Orchestrator":
        """Return itself."""
        return self

    async def NotifyEvent(self, request: orchestrator_pb2.NotifyEventRequest) -> None:
        """Take or refuse an event."""
        self.asked.append(request.subject)
        if code := self.refuses.get(request.subject):
            raise RemoteError("orchestrator", code, "INTERNAL", "refused by the test")
        self.taken.append(request.subject)


class SetClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        """Return the time that was set."""
        return self.time


@pytest.fixture
def orchestrator() -> Orchestrator:
    """Return an orchestrator that takes every event."""
    return Orchestrator()


@pytest.fixture
def clock() -> SetClock:
    """Return a clock that stands at noon."""
    return SetClock()


@pytest.fixture
def notifier(orchestrator: Orchestrator, clock: SetClock, metadata: Metadata) -> Notifier:
    """Return the notifier under test."""
    return Notifier(cast("Clients", orchestrator), cast("Clock", clock), metadata, RESEND_S, Logger("connector_hub"))


async def rounds(notifier: Notifier, count: int) -> None:
    """Let the notifier notify about what landed, as its background loop does: after an error it is called once more."""
    for _ in range(count):
        with suppress(RemoteError, TimeoutError):
            async with asyncio.timeout(0.05):
                await notifier.notify_landed()


async def look(notifier: Notifier) -> None:
    """Let the notifier look once for pushes that wait, without its sleep."""
    with suppress(RemoteError, TimeoutError):
        async with asyncio.timeout(0.2):
            await notifier.notify_waiting()


@pytest.mark.parametrize("code", [INTERNAL, UNAVAILABLE, PERMISSION_DENIED])
async def test_failing_source_holds_no_other_back(notifier: Notifier, orchestrator: Orchestrator, land: Land, code: int) -> None:
    """The events of all other sources arrive, whether the failing source's event is refused for now or for good."""
    orchestrator.refuses["bad"] = code
    for source in ("one", "bad", "two", "three"):
        notifier.landed(await land(source, NOON_MS))

    await rounds(notifier, 3)

    assert sorted(orchestrator.taken) == ["one", "three", "two"]


async def test_event_refused_for_now_is_sent_once_more(notifier: Notifier, orchestrator: Orchestrator, land: Land) -> None:
    """When the fault is over, the source's event arrives."""
    orchestrator.refuses["bad"] = INTERNAL
    notifier.landed(await land("bad", NOON_MS))
    await rounds(notifier, 2)
    orchestrator.refuses.clear()

    await rounds(notifier, 1)

    assert orchestrator.taken == ["bad"]


async def test_event_refused_for_good_is_not_sent_once_more(notifier: Notifier, orchestrator: Orchestrator, land: Land) -> None:
    """One attempt is enough, and the next push of the source gets an event of its own."""
    orchestrator.refuses["bad"] = PERMISSION_DENIED
    push = await land("bad", NOON_MS)
    notifier.landed(push)
    await rounds(notifier, 3)
    asked = len(orchestrator.asked)

    notifier.landed(push)
    await rounds(notifier, 1)

    assert (asked, len(orchestrator.asked)) == (1, 2)


@pytest.mark.parametrize("code", [INTERNAL, UNAVAILABLE, PERMISSION_DENIED])
async def test_waiting_sources_get_their_event_beside_a_failing_one(
    notifier: Notifier, orchestrator: Orchestrator, clock: SetClock, land: Land, code: int
) -> None:
    """The source that waits longest fails, and those after it are notified."""
    orchestrator.refuses["bad"] = code
    for number, source in enumerate(("bad", "one", "two")):
        await land(source, NOON_MS + number)
    clock.time = NOON + timedelta(seconds=RESEND_S + 1)

    for _ in range(2):
        await look(notifier)

    assert sorted(set(orchestrator.taken)) == ["one", "two"]


async def test_waiting_event_refused_for_good_waits_for_the_next_interval(
    notifier: Notifier, orchestrator: Orchestrator, clock: SetClock, land: Land
) -> None:
    """It is sent once in each of the doubling intervals, and not at each look."""
    orchestrator.refuses["bad"] = PERMISSION_DENIED
    await land("bad", NOON_MS)
    asked: list[int] = []
    for passed_s in (RESEND_S, 2 * RESEND_S):
        clock.time = NOON + timedelta(seconds=passed_s + 1)
        for _ in range(3):
            await look(notifier)
        asked.append(len(orchestrator.asked))
    assert asked == [1, 2]
