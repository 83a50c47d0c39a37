"""Schedules over gRPC with a clock that the test sets: fire times, pauses, restarts, overlaps; hooks."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from chartly.platform.config import Config
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.v1 import orchestrator_pb2 as pb
from chartly.v1 import registry_pb2

from .test_events import ADA, CONNECTOR, REF, EventPlatform

SERVICES = ("registry", "coordinator", "orchestrator", "audit")
INGESTER = Scope("key:1", ADA.tenant, ADA.project, frozenset({"ingester"}))


class SetClock:
    """The real clock plus an offset that the test sets."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC) + self.ahead

    def monotonic_s(self) -> float:
        """Return seconds that never decrease."""
        return time.monotonic()


class SchedulePlatform(EventPlatform):
    """A platform without drones, with a clock that tests set."""

    def __init__(self, make_config: Callable[..., Config]) -> None:
        self._make_config = make_config
        self.clock = SetClock()

    async def start(self) -> None:
        """Start the host; its internal tokens stay valid over any jump of the clock."""
        self.host = Host(self._make_config(limits__internal_token_s=3_600), SERVICES, self.clock)
        await self.host.start()

    async def state(self, workflow_id: str) -> pb.WorkflowSchedule:
        """Return a schedule's state."""
        return (await self.orchestrator.GetWorkflow(pb.GetWorkflowRequest(workflow_id=workflow_id))).schedule

    async def count(self, runs: int) -> list[pb.Run]:
        """Wait until there are this many runs; return all of them, newest first."""
        async with asyncio.timeout(120):
            found = await self.runs()
            while len(found) < runs:
                await asyncio.sleep(0.05)
                found = await self.runs()
        assert len(found) == runs
        return found

    async def settled(self, workflow_id: str, after: datetime) -> pb.WorkflowSchedule:
        """Wait until a schedule's fire times up to a time are decided."""
        async with asyncio.timeout(120):
            state = await self.state(workflow_id)
            while state.after.ToDatetime(UTC) < after:
                await asyncio.sleep(0.05)
                state = await self.state(workflow_id)
        return state


@pytest.fixture
async def schedules(make_config: Callable[..., Config]) -> AsyncIterator[SchedulePlatform]:
    """A platform with a source."""
    made = SchedulePlatform(make_config)
    await made.start()
    with scoped(ADA):
        await made.host.clients("test").registry.PutProfile(registry_pb2.PutProfileRequest(ref=REF, document=CONNECTOR))
        yield made
    await made.host.stop()


async def test_interval_fires_once_a_time(schedules: SchedulePlatform) -> None:
    """A run starts at its fire time and has it; a run that is open at the next fire time prevents that one."""
    workflow = await schedules.create("hourly", {"every": "1h"})
    first, second, *_ = [fire.ToDatetime(UTC) for fire in workflow.schedule.next_fires]
    assert second - first == timedelta(hours=1)
    assert await schedules.runs() == []

    schedules.clock.ahead = timedelta(hours=1, seconds=1)
    [run] = await schedules.count(1)
    assert (run.trigger.kind, run.trigger.at.ToDatetime(UTC)) == (pb.TRIGGER_KIND_SCHEDULE, first)
    schedules.clock.ahead = timedelta(hours=2, seconds=1)
    await schedules.settled(workflow.workflow_id, second)
    await schedules.count(1)


async def test_missed_times_after_a_restart(schedules: SchedulePlatform) -> None:
    """Fire times during a stop are caught up as the schedule says, one after the other."""
    once = await schedules.create("once", {"every": "1h", "overlap": "queue"})
    every = await schedules.create("every", {"every": "1h", "missed": "all"})
    skip = await schedules.create("skip", {"every": "1h", "missed": "skip"})
    await schedules.host.stop()
    schedules.clock.ahead = timedelta(hours=3, minutes=30)
    await schedules.start()
    for workflow in (once, every, skip):
        await schedules.settled(workflow.workflow_id, workflow.schedule.next_fires[2].ToDatetime(UTC))
    await schedules.count(2)
    assert ((await schedules.state(once.workflow_id)).runs_waiting, (await schedules.state(every.workflow_id)).runs_waiting) == (0, 2)
    for waiting in (1, 0):
        [run] = [run for run in await schedules.runs(every.workflow_id) if run.state in (pb.RUN_STATE_QUEUED, pb.RUN_STATE_RUNNING)]
        await schedules.cancel(run.run_id)
        await schedules.count(3 if waiting else 4)
    times = [run.trigger.at.ToDatetime(UTC) for run in await schedules.runs(every.workflow_id)]
    assert times == [fire.ToDatetime(UTC) for fire in reversed(every.schedule.next_fires[:3])]
    assert await schedules.runs(skip.workflow_id) == []


async def test_schedule_is_not_silent_after_a_clock_that_was_far_ahead(schedules: SchedulePlatform) -> None:
    """After a clock jumped ten days ahead and back, the schedule continues from now, and runs for future times are deleted."""
    hourly = await schedules.create("hourly", {"every": "1h"})
    every = await schedules.create("every", {"every": "1h", "missed": "all"})
    schedules.clock.ahead = timedelta(days=10)
    for workflow in (hourly, every):
        await schedules.settled(workflow.workflow_id, workflow.schedule.next_fires[0].ToDatetime(UTC) + timedelta(days=9, hours=22))
    early = await schedules.count(2)
    schedules.clock.ahead = timedelta()
    async with asyncio.timeout(120):
        state = await schedules.state(every.workflow_id)
        while state.after.ToDatetime(UTC) > datetime.now(UTC):
            await asyncio.sleep(0.05)
            state = await schedules.state(every.workflow_id)
    assert state.runs_waiting == 0
    assert state.next_fires[0].ToDatetime(UTC) == every.schedule.next_fires[0].ToDatetime(UTC)
    for run in early:
        await schedules.cancel(run.run_id)
    schedules.clock.ahead = timedelta(hours=1, seconds=1)
    times = {run.trigger.at.ToDatetime(UTC) for run in await schedules.count(4)} - {run.trigger.at.ToDatetime(UTC) for run in early}
    assert hourly.schedule.next_fires[0].ToDatetime(UTC) in times


async def test_paused_schedule_rests(schedules: SchedulePlatform) -> None:
    """During a pause no time fires or counts as missed; events wait and are one run after the pause."""
    timed = await schedules.create("timed", {"every": "1h", "missed": "all"})
    heard = await schedules.create("heard", {"on": {"webhook": "go"}})
    for workflow in (timed, heard):
        paused = await schedules.orchestrator.PauseWorkflow(pb.PauseWorkflowRequest(workflow_id=workflow.workflow_id))
        assert (paused.schedule.paused, len(paused.schedule.next_fires)) == (True, 0)
    schedules.clock.ahead = timedelta(hours=5)
    notes = [await schedules.send(f"e{n}", "go", pb.EVENT_KIND_WEBHOOK) for n in range(3)]
    assert (await schedules.state(heard.workflow_id)).runs_waiting == 1
    assert await schedules.runs() == []

    for workflow in (timed, heard):
        await schedules.orchestrator.ResumeWorkflow(pb.ResumeWorkflowRequest(workflow_id=workflow.workflow_id))
    [run] = await schedules.count(1)
    assert {noted.run_id for [noted] in notes} == {run.run_id}
    resumed = await schedules.state(timed.workflow_id)
    assert resumed.next_fires[0].ToDatetime(UTC) > schedules.clock.now() - timedelta(seconds=90)
    assert resumed.runs_waiting == 0


async def test_workflow_without_a_schedule_cannot_be_paused(schedules: SchedulePlatform) -> None:
    """Pausing a workflow without a schedule is refused; an unknown workflow is NOT_FOUND."""
    request = pb.CreateWorkflowRequest(name="plain")
    request.spec.update({"steps": [{"type": "connector_sync", "connector_id": REF}]})
    plain = await schedules.orchestrator.CreateWorkflow(request)
    assert not plain.HasField("schedule")
    with pytest.raises(RemoteError) as refused:
        await schedules.orchestrator.PauseWorkflow(pb.PauseWorkflowRequest(workflow_id=plain.workflow_id))
    assert refused.value.remote_reason == "ILLEGAL_TRANSITION"
    with pytest.raises(RemoteError) as unknown:
        await schedules.orchestrator.PauseWorkflow(pb.PauseWorkflowRequest(workflow_id="wf_none"))
    assert unknown.value.remote_reason == "WORKFLOW_UNKNOWN"


async def test_hook_is_an_event(schedules: SchedulePlatform) -> None:
    """A hook starts the workflows that have it as trigger; a repeated key is the same call; an unused hook is unknown."""
    await schedules.create("heard", {"on": {"webhook": "go"}})

    async def call(hook: str, key: str = "") -> Any:
        metadata = (("x-idempotency-key", key),) if key else ()
        return await schedules.orchestrator.CallHook(pb.CallHookRequest(hook=hook), metadata=metadata)

    with scoped(INGESTER):
        [noted] = (await call("go", "k1")).workflows
        assert [each.run_id for each in (await call("go", "k1")).workflows] == [noted.run_id]
        with pytest.raises(RemoteError) as refused:
            await call("stop")
    assert refused.value.remote_reason == "HOOK_UNKNOWN"
    run = await schedules.begun(noted.run_id)
    assert run.trigger.event_kind == pb.EVENT_KIND_WEBHOOK
    with scoped(INGESTER):
        assert [each.run_id for each in (await call("go", "k1")).workflows] == [noted.run_id]
        assert [each.run_id for each in (await call("go")).workflows] != [noted.run_id]


async def test_profile_that_is_gone_fails_the_run(schedules: SchedulePlatform) -> None:
    """A waiting run with unresolvable profiles is stored as failed; a retry freezes the profiles a second time."""
    await schedules.create("heard", {"on": {"webhook": "go"}})

    def lose(connection: Any) -> None:
        connection.execute(text("DELETE FROM registry_profiles"))
        connection.execute(text("DELETE FROM registry_frozen"))

    await schedules.host.metadata.write(lose)
    await schedules.host.stop()
    await schedules.start()
    [noted] = await schedules.send("e1", "go", pb.EVENT_KIND_WEBHOOK)
    run = await schedules.begun(noted.run_id)
    assert (run.state, run.reason) == (pb.RUN_STATE_FAILED, "PROFILE_UNKNOWN")

    await schedules.host.clients("test").registry.PutProfile(registry_pb2.PutProfileRequest(ref=REF, document=CONNECTOR))
    again = await schedules.orchestrator.RetryRun(pb.RetryRunRequest(run_id=run.run_id))
    assert (again.retry_of, again.state, again.reason) == (run.run_id, pb.RUN_STATE_QUEUED, "")
    assert again.steps[0].profile.hash.startswith("sha256:")
