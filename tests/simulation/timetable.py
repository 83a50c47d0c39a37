"""Schedules within a simulated orchestrator: real decisions about fire times, on wrong clocks.

As in the database, a decision and the run that waits because of it are one commit, and so are a waiting run's end and its run's
beginning. The intake of events is a model.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from chartly.orchestrator.domain import advance
from chartly.orchestrator.domain import schedule as firing
from chartly.orchestrator.domain.run import Run, Trigger
from chartly.profiles import Schedule

if TYPE_CHECKING:
    from .runs_node import RunsNode

_LOOK_MS = 150
MISSED_MAX = 5
EVENT = "event"


@dataclass
class Plan:
    """A workflow with its schedule, the run that it starts, and its progress."""

    schedule: Schedule
    template: Run
    anchor_ms: int
    last_ms: int
    next_ms: int = 0
    waiting: dict[str, Run] = field(default_factory=dict[str, Run])
    """Runs that wait, by their slot."""


@dataclass
class PlanDisk:
    """The data that survives a crash."""

    plans: dict[str, Plan] = field(default_factory=dict[str, Plan])
    heard: dict[str, str] = field(default_factory=dict[str, str])
    """The run that takes each event."""
    begun: list[str] = field(default_factory=list[str])
    """Runs that waited, in the order in which they began."""
    takes: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """Events that had been heard when a run began."""
    over: bool = False
    """Times fire no more."""


class Timetable:
    """Fires schedules and starts runs while its process runs."""

    def __init__(self, node: "RunsNode") -> None:
        self._node = node

    def start(self) -> None:
        """Begin to evaluate schedules."""
        self._node.later(_LOOK_MS, self._look)

    @property
    def _disk(self) -> PlanDisk:
        return self._node.disk.plans

    def hear(self, workflow: str, event_id: str) -> str | None:
        """Accept an event; return the run that takes it, or None when the disk failed."""
        if event_id not in self._disk.heard:
            plan = self._disk.plans[workflow]
            waiting = plan.waiting.get(EVENT)
            run = waiting or self._run(plan, Trigger("event", self._node.clock_ms, "blob_landed", "s"), self._node.world.new_id("run"))

            def write() -> None:
                plan.waiting.setdefault(EVENT, run)
                self._disk.heard.setdefault(event_id, run.run_id)

            if not self._node.store_plan(write):
                return None
        return self._disk.heard[event_id]

    def _look(self) -> None:
        node = self._node
        for workflow, plan in self._disk.plans.items():
            if plan.next_ms and plan.next_ms <= node.clock_ms and not self._disk.over and not self._decide(plan):
                return
            if plan.waiting and not self._open(workflow) and not self._begin(plan):
                return
        node.later(_LOOK_MS, self._look)

    def _decide(self, plan: Plan) -> bool:
        now_ms, workflow = self._node.clock_ms, plan.template.workflow_id
        decision = firing.decide(plan.schedule, workflow, plan.anchor_ms, plan.last_ms, now_ms, MISSED_MAX)
        fires, instead = firing.admitted(
            plan.schedule.overlap, decision, run_open=bool(self._open(workflow)), waiting=len(plan.waiting), waiting_max=MISSED_MAX
        )
        runs = {f"{fire_ms}": self._run(plan, Trigger("schedule", fire_ms), f"{workflow}.{fire_ms}") for fire_ms in fires}

        def write() -> None:
            assert decision.last_ms >= plan.last_ms, f"{workflow} goes back in time"
            for fire_ms in fires:
                assert fire_ms > plan.last_ms, f"{workflow} fires twice at {fire_ms}"
                assert fire_ms <= now_ms, f"{workflow} fires before its time"
            if instead:
                plan.waiting.clear()
            plan.waiting |= runs
            plan.last_ms, plan.next_ms = decision.last_ms, decision.next_ms

        return self._node.store_plan(write)

    def _begin(self, plan: Plan) -> bool:
        slot, run = min(plan.waiting.items(), key=lambda each: each[0])
        disk = self._node.disk

        def write() -> None:
            assert run.run_id not in disk.runs, f"{run.run_id} begins twice"
            assert not self._open(run.workflow_id), f"two runs of {run.workflow_id} are open"
            del plan.waiting[slot]
            disk.plans.begun.append(run.run_id)
            disk.plans.takes[run.run_id] = set(disk.plans.heard)

        return self._node.store_plan(write, advance.begin(run, self._node.clock_ms))

    def _open(self, workflow: str) -> list[str]:
        return [run.run_id for run in self._node.disk.runs.values() if run.workflow_id == workflow and not run.state.ended]

    def _run(self, plan: Plan, trigger: Trigger, run_id: str) -> Run:
        return msgspec.structs.replace(plan.template, run_id=run_id, trigger=trigger, created_at_ms=self._node.clock_ms)
