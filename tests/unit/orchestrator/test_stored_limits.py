"""Limits of the orchestrator that hold in the database: stored events, chains of events, schedules ahead of the clock."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, func, select

from chartly.orchestrator.background.scheduler import WorkflowScheduler
from chartly.orchestrator.domain.run import Run, Transition, Trigger
from chartly.orchestrator.events.intake import EventIntake, IncomingEvent
from chartly.orchestrator.runs.repository import RunRepository
from chartly.orchestrator.service import run_bounds
from chartly.orchestrator.store import schedules as store
from chartly.orchestrator.store.schedules import StoredSchedule
from chartly.orchestrator.store.tables import events
from chartly.platform.blocking import Blocking
from chartly.platform.config import Config, Limits
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.migrate import migrate
from chartly.platform.telemetry.log import Logger
from chartly.profiles import Schedule

NOW_MS = 1_800_000_000_000
HOUR_MS = 3_600_000


class TestClock:
    """A clock that the test sets."""

    __test__ = False

    def __init__(self) -> None:
        self.now_ms = NOW_MS

    def now(self) -> datetime:
        """Return the time that was set."""
        return datetime.fromtimestamp(self.now_ms / 1000, UTC)

    def monotonic_s(self) -> float:
        """Return the time that was set, in seconds."""
        return self.now_ms / 1000


@pytest.fixture
def metadata(make_config: Callable[..., Config]) -> Generator[Metadata]:
    """A migrated database."""
    blocking = Blocking(2, 10)
    made = Metadata(make_config(), blocking)
    migrate(made)
    yield made
    blocking.close()
    made.close()


def schedule(workflow_id: str, rule: Schedule, **progress: int) -> StoredSchedule:
    """Return a workflow's stored schedule."""
    progress = {"anchor_ms": 0, "last_ms": 0, "next_ms": 0} | progress
    return StoredSchedule(workflow_id, "t", "p", workflow_id, "user:ada", rule, paused=False, **progress)


def remembered(connection: Connection) -> set[str]:
    """Return the ids of the stored events."""
    return set(connection.execute(select(events.c.event_id)).scalars())


@pytest.mark.parametrize("crowd", [1, 7, 60])
async def test_stored_events_never_exceed_their_bound(metadata: Metadata, crowd: int) -> None:
    """After each batch at most events_remembered_max events are stored; nine tenths of it, less one batch, are the latest ones."""
    limits = Limits(events_remembered_max=100)
    clock = TestClock()
    await metadata.write(store.put, schedule("listener", Schedule(event="webhook", subject="nightly", overlap="queue")))
    intake = EventIntake(metadata, clock, lambda: None, limits)
    sent: list[str] = []
    for first in range(0, 300, crowd):
        names = [f"event-{number}" for number in range(first, first + crowd)]
        accepting = [
            asyncio.create_task(intake.accept(IncomingEvent("t", "p", name, Trigger("event", 0, "webhook", "nightly")))) for name in names
        ]
        await asyncio.sleep(0)
        await intake.once()
        await asyncio.gather(*accepting)
        sent += names
        clock.now_ms += 1

        stored = await metadata.read(remembered)
        assert len(stored) <= limits.events_remembered_max
        kept = min(90 - crowd, len(sent))
        assert stored >= set(sent[-kept:])


async def test_larger_batch_than_the_bound_is_stored_up_to_the_bound(metadata: Metadata) -> None:
    """Of a batch of five events, the latest events_remembered_max are stored."""
    await metadata.write(store.put, schedule("listener", Schedule(event="webhook", subject="nightly", overlap="queue")))
    intake = EventIntake(metadata, TestClock(), lambda: None, Limits(events_remembered_max=2))
    accepting = [
        asyncio.create_task(intake.accept(IncomingEvent("t", "p", name, Trigger("event", 0, "webhook", "nightly")))) for name in "abcde"
    ]
    await asyncio.sleep(0)
    await intake.once()
    await asyncio.gather(*accepting)
    assert await metadata.read(remembered) == {"d", "e"}


@pytest.mark.parametrize(("depth", "begins"), [(1, True), (2, True), (3, False)])
async def test_chain_of_events_ends_at_its_bound(metadata: Metadata, depth: int, *, begins: bool) -> None:
    """A run at event_depth_max - 1 triggers workflows by the dataset that it updated; a run at the bound triggers none."""
    limits = Limits(event_depth_max=3)
    clock = TestClock()
    repository = RunRepository(
        metadata,
        clock,
        runs_open_max=10,
        bounds=run_bounds(limits),
        event_depth_max=limits.event_depth_max,
        check_backlog=lambda _: None,
    )
    await metadata.write(store.put, schedule("listener", Schedule(event="dataset_updated", subject="sales", overlap="queue")))
    trigger = Trigger("event", NOW_MS, "dataset_updated", "sales", depth)
    run = Run("run_1", "t", "p", "user:ada", "r", "wf_1", "seed", (), NOW_MS, trigger=trigger)
    await repository.create(lambda _: [Transition(run)], "t")

    await repository.change(
        "run_1", None, lambda found, _: Transition(msgspec.structs.replace(found, revision=found.revision + 1), updated=("sales",))
    )

    waiting = await metadata.read(store.startable, 10)
    assert [found.trigger.depth for found in waiting] == ([depth + 1] if begins else [])


@pytest.mark.parametrize(("ahead_ms", "restarted"), [(HOUR_MS, False), (HOUR_MS + 1, True)])
async def test_schedule_restarts_when_it_is_further_ahead_than_the_bound(metadata: Metadata, ahead_ms: int, *, restarted: bool) -> None:
    """A schedule exactly schedule_ahead_s_max ahead of the clock waits for its time; one a millisecond further restarts now."""
    limits = Limits(schedule_ahead_s_max=3600)
    last_ms = NOW_MS + ahead_ms
    stored = schedule("wf_1", Schedule(every_s=7200, missed="once"), anchor_ms=NOW_MS, last_ms=last_ms, next_ms=last_ms + 7_200_000)
    await metadata.write(store.put, stored)
    scheduler = WorkflowScheduler(metadata, TestClock(), lambda: None, limits, Logger("test"))

    # Nothing is due, so that it waits once it has checked the schedules.
    with suppress(TimeoutError):
        await asyncio.wait_for(scheduler.once(), 0.3)

    found: Any = (await metadata.read(store.of_workflows, ["wf_1"]))["wf_1"]
    assert found.last_ms == (NOW_MS if restarted else last_ms)
    assert found.next_ms == (NOW_MS + 7_200_000 if restarted else last_ms + 7_200_000)


async def test_no_other_event_is_counted(metadata: Metadata) -> None:
    """An event that no workflow listens to is not stored, and takes no room."""
    intake = EventIntake(metadata, TestClock(), lambda: None, Limits(events_remembered_max=1))
    waiting = asyncio.create_task(intake.accept(IncomingEvent("t", "p", "e", Trigger("event", 0, "webhook", "nightly"))))
    await asyncio.sleep(0)
    await intake.once()
    assert await waiting == []
    assert await metadata.read(lambda connection: connection.execute(select(func.count()).select_from(events)).scalar()) == 0
