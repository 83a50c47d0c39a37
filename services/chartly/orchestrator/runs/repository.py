"""Runs as they are kept: each happening is one transaction, after which those who act on it are told. It calls no other service.

Several processes may keep the same runs: a work's end is counted by whoever deletes its row, and what is wanted is idempotent by its key.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlalchemy import Connection

from chartly.orchestrator.domain import advance
from chartly.orchestrator.domain.finished_work import take_in
from chartly.orchestrator.domain.run import DeadLetter, EndedWork, Run, RunBounds, Transition, Trigger, WantedWork
from chartly.orchestrator.errors import RunUnknown, TooManyRuns
from chartly.orchestrator.store import dead_letters as unfinished
from chartly.orchestrator.store import runs as store
from chartly.orchestrator.store import schedules
from chartly.orchestrator.store import workflows as definitions
from chartly.platform.clock import Clock
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_again
from chartly.platform.notification import Pulse, Pulses

# A tenant at its bound of runs is told to come back after about one short run.
_RETRY_AFTER_S = 5.0
RUN_METHOD = "RunWorkflow"


class RunRepository:
    """Changes runs, one transaction a happening. Used from one event loop; transactions run on threads."""

    def __init__(self, metadata: Metadata, clock: Clock, *, runs_open_max: int, bounds: RunBounds, event_depth_max: int) -> None:
        self._metadata = metadata
        self._clock = clock
        self._runs_open_max = runs_open_max
        self._bounds = bounds
        self._event_depth_max = event_depth_max
        self.changed = Pulses()
        """Beats, by run, at each change of it."""
        self.followers: list[Callable[[Transition], None]] = []
        """Who acts on transitions; called on the event loop, once they are durable."""
        self.resolved = Pulse()
        """Beats when there may be failed work that the queue needs no more."""

    @property
    def now_ms(self) -> int:
        """The time in milliseconds since the epoch."""
        return int(self._clock.now().timestamp() * 1000)

    async def made_before(self, scope: Scope, key: str, request_hash: str) -> Run | None:
        """Give the run that an earlier call with this idempotency key started."""

        def find(connection: Connection) -> Run | None:
            run_id = definitions.made_under(connection, scope, RUN_METHOD, key, request_hash)
            return store.get(connection, run_id, scope) if run_id else None

        return await self._metadata.read(find) if key else None

    async def start(
        self, run: Run, claim: Callable[[Connection], bool], begin: Callable[[Run, int], Transition] = advance.begin
    ) -> Run | None:
        """Store a run that waited, if ``claim`` says in the same transaction that it still does; ``begin`` makes its first transition.

        Raises:
            TooManyRuns: the tenant's bound is reached.
        """

        def make(connection: Connection) -> Transition | None:
            if not claim(connection):
                return None
            if store.count_open(connection, run.tenant) >= self._runs_open_max:
                raise TooManyRuns(self._runs_open_max, retry_after_s=_RETRY_AFTER_S)
            transition = begin(run, self.now_ms)
            store.create(connection, transition)
            return transition

        made = await write_again(self._metadata, make)
        return self._publish(made) if made else None

    async def create(self, scope: Scope, run: Run, key: str, request_hash: str) -> Run:
        """Store a new run with its first wanted work, or give the one that this key started.

        Raises:
            TooManyRuns: the tenant's bound is reached.
            WorkflowConflict: the key was used with another body.
        """

        def make(connection: Connection) -> Transition:
            run_id = definitions.made_under(connection, scope, RUN_METHOD, key, request_hash)
            before = store.get(connection, run_id, scope) if run_id else None
            if before is not None:
                return Transition(before)
            if store.count_open(connection, run.tenant) >= self._runs_open_max:
                raise TooManyRuns(self._runs_open_max, retry_after_s=_RETRY_AFTER_S)
            transition = advance.begin(run, self.now_ms)
            store.create(connection, transition)
            definitions.remember(connection, scope, RUN_METHOD, key, request_hash, run.run_id, self.now_ms)
            return transition

        return self._publish(await write_again(self._metadata, make))

    async def change(self, run_id: str, scope: Scope | None, happening: Callable[[Run, int], Transition]) -> Run:
        """Let something happen to one run.

        Raises:
            RunUnknown: no such run, or not in this scope.
            ChartlyError: what the happening refused.
        """

        def apply(connection: Connection) -> Transition:
            run = store.get(connection, run_id, scope)
            if run is None:
                raise RunUnknown(run_id)
            transition = happening(run, self.now_ms)
            if transition.run != run:
                store.keep(connection, transition)
                self._hear(connection, transition)
            return transition

        return self._publish(await write_again(self._metadata, apply))

    async def take_in(self, finished: Sequence[tuple[str, EndedWork]], sequence: int) -> None:
        """Count work that ended, by run id, and note how far the list was read; all in one transaction."""

        def apply(connection: Connection) -> list[Transition]:
            closed: dict[str, WantedWork] = {}

            def close(work_key: str) -> bool:
                wanted = store.close_work(connection, work_key)
                if wanted is not None:
                    closed[work_key] = wanted
                return wanted is not None

            made = take_in(finished, close, partial(store.get, connection), self.now_ms, self._bounds)
            for transition in made.values():
                dead = [DeadLetter(closed[each.work_key], each.reason, each.message, dead=True) for each in transition.dead]
                unfinished.keep(connection, transition.run, dead, self.now_ms)
                store.keep(connection, transition)
                self._hear(connection, transition)
            for run_id, work in finished:
                if work.state == "cancelled" and work.work_key in closed and run_id in made:
                    left = DeadLetter(closed[work.work_key], "", "It was cancelled in the queue.", dead=False)
                    unfinished.keep(connection, made[run_id].run, [left], self.now_ms)
            self._let_go(connection, finished, made)
            store.advance_to(connection, sequence)
            return list(made.values())

        for transition in await write_again(self._metadata, apply):
            self._publish(transition)
        if any(work.state == "failed" for _, work in finished):
            self.resolved.beat()

    async def store(self, make: Callable[[Connection], Sequence[Transition]], tenant: str) -> list[Run]:
        """Store new runs that ``make`` decides on in one transaction.

        Raises:
            TooManyRuns: the tenant's bound would be passed.
            ChartlyError: what ``make`` refused.
        """

        def apply(connection: Connection) -> Sequence[Transition]:
            made = make(connection)
            if made and store.count_open(connection, tenant) + len(made) > self._runs_open_max:
                raise TooManyRuns(self._runs_open_max, retry_after_s=_RETRY_AFTER_S)
            for transition in made:
                store.create(connection, transition)
            return made

        return [self._publish(transition) for transition in await write_again(self._metadata, apply)]

    async def get(self, run_id: str, scope: Scope) -> Run:
        """Read one run.

        Raises:
            RunUnknown: the project has none with this id.
        """
        run = await self._metadata.read(store.get, run_id, scope)
        if run is None:
            raise RunUnknown(run_id)
        return run

    def _let_go(self, connection: Connection, finished: Sequence[tuple[str, EndedWork]], made: Mapping[str, Transition]) -> None:
        """Note the failed items that became no dead letters: nobody will ever retry or discard them."""
        dead = {each.work_key for transition in made.values() for each in transition.dead}
        for run_id, work in finished:
            if work.state == "failed" and work.work_key not in dead:
                run = made[run_id].run if run_id in made else store.get(connection, run_id)
                if run is not None:
                    unfinished.let_go(connection, run, work, self.now_ms)

    def _hear(self, connection: Connection, transition: Transition) -> None:
        """Let the workflows that listen to what a run updated know, in the run's own transaction."""
        run = transition.run
        depth = (run.trigger.depth if run.trigger else 0) + 1
        if depth > self._event_depth_max:
            return  # workflows that go on calling each other for ever end here
        for dataset in transition.updated:
            trigger = Trigger("event", self.now_ms, "dataset_updated", dataset, depth)
            schedules.hear(connection, run.tenant, run.project, trigger, self.now_ms, but=run.workflow_id)

    def _publish(self, transition: Transition) -> Run:
        for follower in self.followers:
            follower(transition)
        self.changed.beat([transition.run.run_id])
        return transition.run
