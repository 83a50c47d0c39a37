"""The bounds of events and of missed fire times."""

import asyncio
from typing import Any, cast

import pytest

from chartly.orchestrator.domain.run import Trigger
from chartly.orchestrator.domain.schedule import decide
from chartly.orchestrator.errors import TooManyEvents
from chartly.orchestrator.events.intake import EventIntake, IncomingEvent
from chartly.platform.config import Limits
from chartly.profiles import Schedule

HOUR_MS = 3_600_000


def event(event_id: str) -> IncomingEvent:
    """Return an event of a hook."""
    return IncomingEvent("t", "p", event_id, Trigger(kind="event", at_ms=0, event="webhook", subject="nightly"))


async def test_event_is_refused_when_too_many_wait() -> None:
    """events_waiting_max events wait to be stored; the next one is refused with a time to retry."""
    unused: Any = cast("Any", None)
    intake = EventIntake(unused, unused, lambda: None, Limits(events_waiting_max=1))
    waiting = asyncio.create_task(intake.accept(event("one")))
    await asyncio.sleep(0)
    with pytest.raises(TooManyEvents) as refused:
        await intake.accept(event("two"))
    assert refused.value.retry_after_s
    waiting.cancel()


def test_missed_fire_times_have_runs_up_to_their_bound() -> None:
    """Of ten missed fire times with ``missed: all``, the latest schedule_missed_max have a run."""
    schedule = Schedule(cron="0 * * * *", zone="UTC", missed="all")
    limits = Limits(schedule_missed_max=3)
    # Half an hour after the tenth fire time.
    decided = decide(schedule, "workflow", 0, 0, 10 * HOUR_MS + HOUR_MS // 2, limits.schedule_missed_max)
    assert list(decided.fires) == [8 * HOUR_MS, 9 * HOUR_MS, 10 * HOUR_MS]
