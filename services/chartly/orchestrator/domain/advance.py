"""The run's state machine: ``begin``, ``dispatched``, ``ended``, ``cancel``, ``broken``. Each gives the next run and what follows from it.

Every function is pure and takes the time. The caller stores the new run, its wanted work and its events in one transaction, together with
whatever told it of the happening, so that each happening counts exactly once; doing what is wanted is idempotent by its keys.
"""

from typing import Any

import msgspec

from . import ledger_events as events
from . import outcome as progress
from . import results
from .run import EndedWork, Event, Run, RunBounds, Step, Transition, WantedWork
from .states import RunState, move
from .step_graph import ANALYTICS, NORMALIZE, SYNC, WRITE, StepGraph
from .steps import reprocess as rebuilding

INTERNAL = "INTERNAL"
_BROKEN = frozenset({RunState.FAILED, RunState.CANCELLED})
# Of a dataset that no record ever reached: a rollup over an empty source has nothing to do and hasn't failed.
_NOTHING_THERE = "DATASET_UNKNOWN"


def begin(run: Run, now_ms: int) -> Transition:
    """Plan the first work of a run that was just made."""
    planned = _Plan(run, now_ms)
    planned.events += events.profiles_resolved(run, now_ms)
    planned.schedule()
    return planned.transition()


def begin_again(run: Run, pages: tuple[WantedWork, ...], now_ms: int) -> Transition:
    """Plan the first work of a run that does what another left undone; ``retry.py`` made it and its pages."""
    planned = _Plan(run, now_ms)
    planned.events += events.profiles_resolved(run, now_ms)
    planned.wanted += pages
    planned.schedule()
    return planned.transition()


def dispatched(run: Run, now_ms: int) -> Transition:
    """Note that the queue took the run's first work."""
    planned = _Plan(run, now_ms)
    planned.starting()
    return planned.transition()


def ended(run: Run, work: EndedWork, now_ms: int, bounds: RunBounds) -> Transition:
    """Take in one piece of work that ended; the caller saw to it that it was open. For a run that has ended nothing follows.

    Work that failed for good is a dead letter: it fails its step and run in the end, and holds up nothing that is healthy.

    Args:
        run: as it is stored.
        work: what ended.
        now_ms: the time.
        bounds: what one run may have.
    """
    if run.state.ended:
        return Transition(run)
    planned = _Plan(run, now_ms, bounds.pages_open_max)
    planned.starting()
    if work.state == "cancelled":
        return cancel(planned.run, now_ms, planned.events)
    step = planned.run.step(work.step)
    if work.state == "failed" and step.type in rebuilding.TYPES:
        # A dataset is rebuilt whole or not at all: nothing healthy is to be gone on with, and a part can't be retried.
        planned.fail(step.name, work.reason or INTERNAL, work.message)
        return planned.transition()
    if work.state == "failed" and not (step.type == ANALYTICS and planned.nothing_came(work.reason)):
        planned.die(step, work)
    else:
        try:
            planned.take(step, work)
        except results.ResultMalformed as malformed:
            message = f"A drone's result of this step can't be read: {malformed}."
            if step.type in rebuilding.TYPES:
                planned.fail(step.name, INTERNAL, message)
                return planned.transition()
            planned.die(step, msgspec.structs.replace(work, reason=INTERNAL, message=message))
    dead = sum(planned.run.dead.values())
    if dead > bounds.dead_letters_max:
        message = f"It ended early with more than {bounds.dead_letters_max} dead letters: {progress.reasons(planned.run.dead)}."
        planned.fail(step.name, work.reason or INTERNAL, message)
        return planned.transition()
    planned.schedule()
    return planned.transition()


def cancel(run: Run, now_ms: int, already: tuple[Event, ...] = ()) -> Transition:
    """Stop a run; once stopped, stopping again changes nothing.

    Raises:
        IllegalTransition: it ended otherwise.
    """
    if run.state is RunState.CANCELLED:
        return Transition(run)
    planned = _Plan(run, now_ms)
    planned.events = already
    planned.end(RunState.CANCELLED)
    return planned.transition(changed=True)


def broken(run: Run, reason: str, message: str, now_ms: int) -> Transition:
    """Fail a run as a whole: its work can't be queued, or its time is over."""
    if run.state.ended:
        return Transition(run)
    planned = _Plan(run, now_ms)
    open_step = next((step.name for step in run.steps if not step.skipped and not step.state.ended), run.steps[-1].name)
    planned.fail(open_step, reason, message)
    return planned.transition()


class _Plan:
    """One transition in the making: a run that is replaced step by step, and what follows from it."""

    def __init__(self, run: Run, now_ms: int, pages_open_max: int = 0) -> None:
        self.before = run
        self.run = run
        self.now_ms = now_ms
        self.pages_open_max = pages_open_max
        self.wanted: tuple[WantedWork, ...] = ()
        self.events: tuple[Event, ...] = ()
        self.dead: tuple[EndedWork, ...] = ()

    def transition(self, *, changed: bool = False) -> Transition:
        """Give the result, with a new revision when anything changed."""
        run = self.run
        if changed or run != self.before:
            run = msgspec.structs.replace(run, revision=self.before.revision + 1)
        over = run.state.ended and not self.before.state.ended
        cancel = over and run.state is not RunState.SUCCEEDED
        return Transition(run, () if over else self.wanted, self.events, cancel, self._updated(), self.dead)

    def _updated(self) -> tuple[str, ...]:
        """Name the datasets whose step has just ended, however it did, and had brought them something."""
        before = {step.name for step in self.before.steps if step.state.ended}
        ended = [step for step in self.run.steps if step.state.ended and step.name not in before]
        return tuple(
            dict.fromkeys(step.rolled_up or step.dataset for step in ended if step.rolled_up or (step.dataset and step.counts.canonical))
        )

    def change(self, name: str, **facts: object) -> Step:
        """Replace one step's facts."""
        made = msgspec.structs.replace(self.run.step(name), **facts)
        self.run = msgspec.structs.replace(self.run, steps=tuple(made if step.name == name else step for step in self.run.steps))
        return made

    def starting(self) -> None:
        """Go from queued to running, once."""
        if self.run.state is not RunState.QUEUED:
            return
        self.run = msgspec.structs.replace(self.run, state=move(self.run.state, RunState.RUNNING), started_at_ms=self.now_ms)
        self.events += (events.run_started(self.run, self.now_ms),)
        for step in self.run.steps:
            if step.work_total and step.state is RunState.QUEUED:
                self._run_step(step.name)

    def nothing_came(self, reason: str) -> bool:
        """Whether a rollup found no dataset because its run brought no record."""
        return reason == _NOTHING_THERE and not self.run.counts.records_in

    def die(self, step: Step, work: EndedWork) -> None:
        """Count a piece of work as a dead letter of its step, and of the step that writes a page's records."""
        reason = work.reason or INTERNAL
        self.dead += (msgspec.structs.replace(work, reason=reason),)
        self.run = msgspec.structs.replace(self.run, dead=self.run.dead | {reason: self.run.dead.get(reason, 0) + 1})
        self.count_page(work)
        for each in (step, StepGraph(self.run.steps).writer(step)) if step.type == NORMALIZE else (step,):
            facts = {} if each.reason else {"reason": reason, "message": work.message}
            self.change(each.name, work_done=each.work_done + 1, dead=each.dead + 1, **facts)
        if step.type == SYNC:
            self.change(step.name, syncing=False, exhausted=True)

    def take(self, step: Step, work: EndedWork) -> None:
        """Count what was done.

        Raises:
            ResultMalformed: before anything is counted.
        """
        if step.type == SYNC:
            self._take_pages(step, results.pages(work.result))
        elif step.type == NORMALIZE:
            chunk = results.chunk(work.result)
            self.count_page(work)
            self._take_chunk(step, chunk)
        elif step.type in rebuilding.TYPES:
            self.run = rebuilding.taken(self.run, step, work)
            counts = self.run.counts if step.type == rebuilding.APPLY else step.counts
            self.change(step.name, work_done=step.work_done + 1, counts=counts)
        else:
            message = "" if work.state == "completed" else "There was nothing to roll up."
            self.change(step.name, work_done=step.work_done + 1, message=message, rolled_up=str(work.result.get("dataset", "")))

    def count_page(self, work: EndedWork) -> None:
        """Note that one page less is under way."""
        if work.kind == NORMALIZE:
            self.run = msgspec.structs.replace(self.run, pages_open=self.run.pages_open - 1)

    def schedule(self) -> None:
        """End what is done, begin what may begin, until nothing follows; then end the run if all has ended."""
        while not self.run.state.ended:
            if not any(self._settle(step.name) for step in self.run.steps):
                break
        if not self.run.state.ended and all(step.skipped or step.state.ended for step in self.run.steps):
            self.starting()
            self.end(*progress.outcome(self.run))

    def end(self, state: RunState, reason: str = "", message: str = "") -> None:
        """End the run, and with it every step that hasn't."""
        for step in self.run.steps:
            if not step.state.ended and not step.skipped:
                self.change(step.name, state=move(step.state, RunState.CANCELLED), syncing=False)
        self.run = msgspec.structs.replace(
            self.run, state=move(self.run.state, state), reason=reason, message=message, ended_at_ms=self.now_ms, pages_open=0
        )
        self.events += (events.run_ended(self.run, self.now_ms),)

    def fail(self, name: str, reason: str, message: str) -> None:
        """End a step and the run as failed."""
        step = self.change(name, state=move(self.run.step(name).state, RunState.FAILED), reason=reason, message=message, syncing=False)
        if step.type == SYNC:
            self.events += (events.sync_ended(self.run, step, self.now_ms),)
        self.end(RunState.FAILED, reason, message)

    def _settle(self, name: str) -> bool:
        """Move one step on if it can; tell whether it could."""
        step = self.run.step(name)
        if step.skipped or step.state.ended:
            return False
        before = StepGraph(self.run.steps).before(step)
        never = None if step.work_total else _never_begun(before)
        if never is not None:
            self.change(step.name, state=move(step.state, never))
            return True
        if step.type in (NORMALIZE, WRITE):
            return all(other.skipped or other.state.ended for other in before) and self._settle_pages(step, before)
        waited_for = all(other.ended_well or other.state is RunState.QUARANTINED for other in before)
        if step.type == SYNC:
            return self._settle_sync(step, may_begin=waited_for)
        settle = self._settle_rebuild if step.type in rebuilding.TYPES else self._settle_rollup
        return waited_for and settle(step)

    def _settle_sync(self, step: Step, *, may_begin: bool) -> bool:
        if step.exhausted:
            return self._end_step(step, RunState.FAILED if step.dead else RunState.SUCCEEDED)
        if step.syncing or not may_begin or self.run.pages_open > self.pages_open_max:
            return False
        payload: dict[str, Any] = {
            "connector": {"ref": step.profile_ref, "hash": step.profile_hash},
            "source_id": step.source_id,
            "sequence": step.sequence,
        }
        if step.continues:
            payload["continues_run_id"] = step.continues
        key = f"{self.run.run_id}/{step.name}/{step.sequence}"
        self.wanted += (WantedWork(key, SYNC, step.name, step.source_id, payload),)
        self.change(step.name, syncing=True, sequence=step.sequence + 1, work_total=step.work_total + 1)
        self._run_step(step.name)
        return True

    def _settle_pages(self, step: Step, before: list[Step]) -> bool:
        if step.work_done < step.work_total:
            return False
        broken = next((other for other in before if other.state in _BROKEN), None)
        if broken is not None and not step.dead:
            # All that came is done, but not all came: whoever waits for the whole must not begin.
            self.change(step.name, reason=broken.reason, message=f"The step {broken.name} before it failed: {broken.message}"[:500])
        if broken is not None or step.dead:
            return self._end_step(self.run.step(step.name), RunState.FAILED)
        return self._end_step(step, RunState.QUARANTINED if step.counts.all_quarantined else RunState.SUCCEEDED)

    def _settle_rollup(self, step: Step) -> bool:
        if not step.work_total:
            return self._want_rollup(step)
        return step.work_done == step.work_total and self._end_step(step, RunState.FAILED if step.dead else RunState.SUCCEEDED)

    def _want_rollup(self, step: Step) -> bool:
        payload = {"analytics": {"ref": step.profile_ref, "hash": step.profile_hash}}
        key = f"{self.run.run_id}/{step.name}/0"
        # A rollup reads a dataset; its lane is its own, so that it never waits behind the pages of another run's source.
        self.wanted += (WantedWork(key, ANALYTICS, step.name, f"rollup-{step.name}"[:127], payload),)
        self.change(step.name, work_total=1)
        self._run_step(step.name)
        return True

    def _settle_rebuild(self, step: Step) -> bool:
        if step.work_total and step.work_done == step.work_total:
            return self._end_step(step, RunState.SUCCEEDED)
        wanted = rebuilding.wanted(self.run, step, self.pages_open_max)
        if not wanted:
            return False
        self.wanted += wanted
        self.change(step.name, sequence=step.sequence + len(wanted), work_total=rebuilding.total(self.run, step))
        self._run_step(step.name)
        return True

    def _take_pages(self, step: Step, pages: results.Pages) -> None:
        flow = StepGraph(self.run.steps)
        sequence = step.sequence - 1
        self.change(
            step.name,
            syncing=False,
            exhausted=pages.finished,
            work_done=step.work_done + 1,
            requests=step.requests + pages.requests,
            retries=step.retries + pages.retries,
        )
        for normalize in flow.normalizers(step):
            writer = flow.writer(normalize)
            wanted = progress.page_work(self.run.run_id, step, normalize, writer, sequence, pages.pages)
            self.wanted += wanted
            for name in (normalize.name, writer.name) if wanted else ():
                total = self.run.step(name).work_total + len(wanted)
                self.change(name, work_total=total)
                self._run_step(name)
            self.run = msgspec.structs.replace(self.run, pages_open=self.run.pages_open + len(wanted))

    def _take_chunk(self, step: Step, chunk: results.Chunk) -> None:
        for each in (step, StepGraph(self.run.steps).writer(step)):
            self.change(each.name, work_done=each.work_done + 1, counts=each.counts + chunk.counts)
        reasons = dict(self.run.reasons)
        for held in chunk.quarantine_reasons:
            reasons[held.reason] = reasons.get(held.reason, 0) + held.records
        self.run = msgspec.structs.replace(self.run, counts=self.run.counts + chunk.counts, reasons=reasons)

    def _run_step(self, name: str) -> None:
        step = self.run.step(name)
        if self.run.state is RunState.RUNNING and step.state is RunState.QUEUED:
            step = self.change(name, state=move(step.state, RunState.RUNNING))
            if step.type == SYNC:
                self.events += (events.sync_started(self.run, step, self.now_ms),)

    def _end_step(self, step: Step, state: RunState) -> bool:
        self.starting()
        self._run_step(step.name)
        step = self.change(step.name, state=move(self.run.step(step.name).state, state))
        if step.type == SYNC:
            self.events += (events.sync_ended(self.run, step, self.now_ms),)
        return True


def _never_begun(before: list[Step]) -> RunState | None:
    """Tell how a step without any work ends because of those before it; None while it may still get some."""
    if any(other.state is RunState.QUARANTINED for other in before):
        return RunState.QUARANTINED
    # It waits for all of them all the same: the healthy ones may bring it work.
    over = all(other.skipped or other.state.ended for other in before)
    return RunState.CANCELLED if over and any(other.state in _BROKEN for other in before) else None
