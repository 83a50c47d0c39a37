"""The orchestrator as a simulated process: the real state machine and intake, with cursor, open work and outbox on a disk that may fail.

Two of them share one disk, like two replicas of a Deployment: both read all ends, and each end must count once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from chartly.coordinator.domain.model import WorkItem
from chartly.coordinator.errors import QueueFull
from chartly.orchestrator.domain import advance, retry
from chartly.orchestrator.domain.finished_work import take_in
from chartly.orchestrator.domain.run import Run, RunBounds, Transition
from chartly.orchestrator.domain.work import DeadLetter, EndedWork, WantedWork
from chartly.platform.errors import ChartlyError
from chartly.v1 import coordinator_pb2 as pb

from .queue_node import QueueNode
from .timetable import PlanDisk, Timetable
from .world import Lost, Node

BOUNDS = RunBounds(pages_open_max=6, dead_letters_max=4)
_ITEMS_A_CALL_MAX = 16
_READ_MS = 30


@dataclass
class RunsDisk:
    """The data that survives a crash."""

    runs: dict[str, Run] = field(default_factory=dict[str, Run])
    work: dict[str, dict[str, WantedWork]] = field(default_factory=dict[str, dict[str, WantedWork]])
    cancelling: set[str] = field(default_factory=set[str])
    events: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    cursor: int = 0
    left: dict[str, tuple[str, DeadLetter]] = field(default_factory=dict[str, tuple[str, DeadLetter]])
    """What runs left undone, by work key, with the run."""
    retried: dict[str, str] = field(default_factory=dict[str, str])
    """The run that does each run's unfinished work."""
    plans: PlanDisk = field(default_factory=PlanDisk)


@dataclass(eq=False)
class RunsNode(Node):
    """The orchestrator."""

    queue: QueueNode = field(kw_only=True)
    disk: RunsDisk = field(default_factory=RunsDisk)

    def __post_init__(self) -> None:
        self.timetable = Timetable(self)

    def start(self) -> None:
        """Send all open work a second time, and continue to read ends."""
        self._after = self.disk.cursor
        self._size: dict[str, int] = {}
        self._bringing: set[str] = set()
        self._left = {run_id: list(work.values()) for run_id, work in self.disk.work.items() if work}
        for run_id in sorted({*self._left, *self.disk.cancelling}):
            self._bring(run_id)
        self._read()
        self.timetable.start()

    def begin(self, run: Run) -> None:
        """Start a run; a user repeats the call until it is stored."""
        if run.run_id in self.disk.runs:
            return
        if not self.up or not self._store(advance.begin(run, self.clock_ms)):
            self.world.after(200, lambda: self.begin(run))

    def cancel(self, run_id: str) -> None:
        """Cancel a run; a user repeats the call until it is stored."""
        run = self.disk.runs.get(run_id)
        if run is not None and run.state.ended:
            return
        if run is None or not self.up or not self._store(advance.cancel(run, self.clock_ms)):
            self.world.after(200, lambda: self.cancel(run_id))

    def retry(self, run_id: str) -> None:
        """Retry a failed or cancelled run; a user repeats the call until it is stored. A run that succeeded needs none."""
        old = self.disk.runs.get(run_id)
        if run_id in self.disk.retried or (old is not None and old.state.ended and old.state not in retry.RETRIABLE):
            return
        if old is None or not old.state.ended or not self.up or not self._retry(old):
            self.world.after(500, lambda: self.retry(run_id))

    def _retry(self, old: Run) -> bool:
        left = [each for run_id, each in self.disk.left.values() if run_id == old.run_id]
        if not left and not retry.outstanding(old):
            return True
        again = f"{old.run_id}.again"
        made = retry.retry_run(old, left, whole=True, run_id=again, principal="user:ada", request_id="r", now_ms=self.clock_ms)
        return self._store(made, retried=old.run_id)

    def store_plan(self, write: Callable[[], None], *transitions: Transition) -> bool:
        """Commit a change of a schedule with the run that it starts."""

        def both() -> None:
            write()
            self._write(transitions, None, (), "")

        return self._committed(both, transitions)

    def _store(self, *transitions: Transition, cursor: int | None = None, closed: tuple[str, ...] = (), retried: str = "") -> bool:
        return self._committed(lambda: self._write(transitions, cursor, closed, retried), transitions)

    def _committed(self, write: Callable[[], None], transitions: tuple[Transition, ...]) -> bool:
        try:
            self.commit(write)
        except Lost:
            # As a process whose database call failed: what it holds in memory may be behind, so it reads the disk again.
            self.life += 1
            self.start()
            return False
        for transition in transitions:
            self._left.setdefault(transition.run.run_id, []).extend(transition.wanted)
            self._bring(transition.run.run_id)
        return True

    def _write(self, transitions: tuple[Transition, ...], cursor: int | None, closed: tuple[str, ...], retried: str) -> None:
        ended = {key: wanted for key in closed for work in self.disk.work.values() if (wanted := work.pop(key, None))}
        if retried:
            again = self.disk.retried.setdefault(retried, transitions[0].run.run_id)
            assert again == transitions[0].run.run_id, f"{retried} is retried twice"
        for transition in transitions:
            run = transition.run
            before = self.disk.runs.get(run.run_id)
            assert before is None or run == before or run.revision > before.revision, f"{run.run_id} changes without a new revision"
            assert before is None or not before.state.ended or run == before, f"{run.run_id} changes after its end"
            self.disk.runs[run.run_id] = run
            work = self.disk.work.setdefault(run.run_id, {})
            work.update({wanted.work_key: wanted for wanted in transition.wanted})
            self._leave(run, [DeadLetter(ended[each.work_key], each.reason, each.message, dead=True) for each in transition.dead])
            if run.state.ended:
                self._leave(
                    run, [DeadLetter(wanted, run.reason, "it was open", dead=False) for wanted in (*work.values(), *transition.left)]
                )
                work.clear()
            if transition.cancel:
                self.disk.cancelling.add(run.run_id)
            self.disk.events += [(event.key, event.type) for event in transition.events]
        if cursor is not None:
            self.disk.cursor = max(cursor, self.disk.cursor)

    def _leave(self, run: Run, left: list[DeadLetter]) -> None:
        for each in left:
            assert each.wanted.work_key not in self.disk.left, f"{each.wanted.work_key} is left twice"
            self.disk.left[each.wanted.work_key] = (run.run_id, each)

    def _read(self) -> None:
        after = self._after

        def read(items: list[WorkItem] | None) -> None:
            if items and self._take_in(items):
                self._after = items[-1].finish_sequence
            self.later(_READ_MS, self._read)

        self.world.call(self, self.queue, lambda: self.queue.finished_after(after), read)

    def _take_in(self, items: list[WorkItem]) -> bool:
        closed: list[str] = []

        def close(key: str) -> bool:
            found = key not in closed and any(key in work for work in self.disk.work.values())
            closed.append(key)
            return found

        finished = [(item.run_id, _ended(item)) for item in items]
        made = take_in(finished, close, self.disk.runs.get, self.clock_ms, BOUNDS)
        return self._store(*made.values(), cursor=items[-1].finish_sequence, closed=tuple(closed))

    def _bring(self, run_id: str) -> None:
        """Queue a run's work, a few items for each call, one call after the other; then its cancellation, if there is one."""
        run = self.disk.runs[run_id]
        if run_id in self._bringing:
            return
        wanted = [] if run.state.ended else self._left.get(run_id, [])[: self._size.get(run_id, _ITEMS_A_CALL_MAX)]
        if run_id in self.disk.cancelling:
            self._call(run_id, lambda: self.queue.do(lambda batch: batch.cancel(lambda item: item.run_id == run_id)), self._cancelled)
        elif wanted:
            items = [_item(run, each) for each in wanted]
            self._call(run_id, lambda: self.queue.do(lambda batch: batch.enqueue(items)), lambda key: self._queued(key, wanted))

    def _call(self, run_id: str, serve: Callable[[], object], then: Callable[[str], None]) -> None:
        self._bringing.add(run_id)

        def answered(answer: object) -> None:
            self._bringing.discard(run_id)
            if isinstance(answer, QueueFull):
                self._size[run_id] = max(self._size.get(run_id, _ITEMS_A_CALL_MAX) // 2, 1)
            if answer is None or isinstance(answer, ChartlyError):
                self.later(200, lambda: self._bring(run_id))
            else:
                then(run_id)

        self.world.call(self, self.queue, serve, answered)

    def _cancelled(self, run_id: str) -> None:
        self.disk.cancelling.discard(run_id)

    def _queued(self, run_id: str, wanted: list[WantedWork]) -> None:
        self._size.pop(run_id, None)
        self._left[run_id] = [each for each in self._left.get(run_id, []) if each not in wanted]
        run = self.disk.runs[run_id]
        if not run.state.ended and run.started_at_ms == 0:
            self._store(advance.dispatched(run, self.clock_ms))
        else:
            self._bring(run_id)


def _ended(item: WorkItem) -> EndedWork:
    outcome = pb.WorkOutcome.FromString(item.outcome)
    return EndedWork(item.work_key, item.step, item.state.value, outcome, item.reason, item.message)


def _item(run: Run, wanted: WantedWork) -> WorkItem:
    task = wanted.task.SerializeToString()
    return WorkItem(
        "", wanted.work_key, wanted.kind, run.tenant, run.project, wanted.source_id, run.run_id, wanted.step, run.principal, task,
        wanted.data_bytes, 8, 0, 0,
    )  # fmt: skip
