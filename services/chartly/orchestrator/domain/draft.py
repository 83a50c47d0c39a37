"""One transition in the making: a run that is changed step by step, and what is to be done once it is stored. Pure; it takes the time."""

from collections.abc import Sequence

import msgspec

from . import ledger_events
from .ledger_events import RunEvent
from .run import Run, Transition
from .run_end import end_of
from .states import RunState, move
from .steps import BaseStep, NormalizeStep, Step
from .steps.base import end_without_work
from .work import INTERNAL, EndedWork, WantedWork


class RunDraft:
    """A run and its changes. Used for one transition, then dropped."""

    def __init__(self, run: Run, now_ms: int, pages_open_max: int = 0) -> None:
        self.before = run
        self.run = run
        self.now_ms = now_ms
        self.pages_open_max = pages_open_max
        self.wanted: tuple[WantedWork, ...] = ()
        self.events: tuple[RunEvent, ...] = ()
        self.dead: tuple[EndedWork, ...] = ()

    def transition(self, *, changed: bool = False) -> Transition:
        """Return the result, with a new revision when anything changed."""
        run = self.run
        if changed or run != self.before:
            run = msgspec.structs.replace(run, revision=self.before.revision + 1)
        over = run.state.ended and not self.before.state.ended
        cancel = over and run.state is not RunState.SUCCEEDED
        return Transition(run, () if over else self.wanted, self.events, cancel, self._updated(), self.dead)

    def change(self, name: str, **facts: object) -> Step:
        """Replace facts of one step, and return it."""
        made = msgspec.structs.replace(self.run.step(name), **facts)
        self.change_run(steps=tuple(made if step.name == name else step for step in self.run.steps))
        return made

    def change_run(self, **facts: object) -> None:
        """Replace facts of the run."""
        self.run = msgspec.structs.replace(self.run, **facts)

    def change_reprocess(self, **facts: object) -> None:
        """Replace facts of what the run reprocesses."""
        if self.run.reprocess is not None:
            self.change_run(reprocess=msgspec.structs.replace(self.run.reprocess, **facts))

    def request_work(self, *wanted: WantedWork) -> None:
        """Ask for work."""
        self.wanted += wanted

    def repeat(self, wanted: Sequence[WantedWork]) -> None:
        """Ask for pages that another run left."""
        for each in wanted:
            step = self.run.step(each.step)
            if isinstance(step, NormalizeStep):
                self.request_work(each)
                step.expect(self, 1)

    def add_dead_letter(self, work: EndedWork, *names: str) -> None:
        """Count work that failed for good, for the run and for the named steps; the first failure of a step is its reason."""
        reason = work.reason or INTERNAL
        self.dead += (msgspec.structs.replace(work, reason=reason),)
        self.change_run(dead=self.run.dead | {reason: self.run.dead.get(reason, 0) + 1})
        for name in names:
            step = self.run.step(name)
            facts = {} if step.reason else {"reason": reason, "message": work.message}
            self.change(name, work_done=step.work_done + 1, dead=step.dead + 1, **facts)

    def start_run(self) -> None:
        """Change the run from queued to running, once, with every step that has work."""
        if self.run.state is not RunState.QUEUED:
            return
        self.change_run(state=move(self.run.state, RunState.RUNNING), started_at_ms=self.now_ms)
        self.events += (ledger_events.run_started(self.run, self.now_ms),)
        for step in self.run.steps:
            if step.work_total and step.state is RunState.QUEUED:
                self.start_step(step.name)

    def start_step(self, name: str) -> None:
        """Change a step from queued to running, if the run is running."""
        step = self.run.step(name)
        if self.run.state is RunState.RUNNING and step.state is RunState.QUEUED:
            step = self.change(name, state=move(step.state, RunState.RUNNING))
            self.events += step.start_events(self.run, self.now_ms)

    def end_step(self, name: str, state: RunState) -> bool:
        """End a step. Return True: something changed."""
        self.start_run()
        self.start_step(name)
        step = self.change(name, state=move(self.run.step(name).state, state))
        self.events += step.end_events(self.run, self.now_ms)
        return True

    def end_run(self, state: RunState, reason: str = "", message: str = "") -> None:
        """End the run, and cancel every step that has not ended."""
        for step in self.run.steps:
            if not step.over:
                self._break_step(step, RunState.CANCELLED)
        self.change_run(state=move(self.run.state, state), reason=reason, message=message, ended_at_ms=self.now_ms, pages_open=0)
        self.events += (ledger_events.run_ended(self.run, self.now_ms),)

    def fail_run(self, name: str, reason: str, message: str) -> None:
        """End a step and the run as failed."""
        step = self._break_step(self.run.step(name), RunState.FAILED, reason=reason, message=message)
        self.events += step.end_events(self.run, self.now_ms)
        self.end_run(RunState.FAILED, reason, message)

    def schedule(self) -> None:
        """End steps that are done and begin steps that may begin, until nothing changes; then end the run if all steps have ended."""
        while not self.run.state.ended:
            if not any(self._advance(step.name) for step in self.run.steps):
                break
        if not self.run.state.ended and all(step.over for step in self.run.steps):
            self.start_run()
            self.end_run(*end_of(self.run))

    def _advance(self, name: str) -> bool:
        step = self.run.step(name)
        if step.over:
            return False
        before = self._before(step)
        end = None if step.work_total else end_without_work(before)
        if end is not None:
            self.change(name, state=move(step.state, end))
            return True
        return step.advance(self, before)

    def _before(self, step: BaseStep) -> list[Step]:
        return [other for other in self.run.steps if other.name in step.depends_on]

    def _break_step(self, step: Step, state: RunState, **facts: object) -> Step:
        return self.change(step.name, state=move(step.state, state), **step.changes_on_failure(), **facts)

    def _updated(self) -> tuple[str, ...]:
        """Return the datasets of steps that this transition ended and that brought new records."""
        before = {step.name for step in self.before.steps if step.state.ended}
        ended = (step for step in self.run.steps if step.state.ended and step.name not in before)
        return tuple(dict.fromkeys(step.updated_dataset for step in ended if step.updated_dataset))
