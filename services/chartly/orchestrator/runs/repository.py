"""Runs as they are stored. Each change is one transaction; then those are notified that act on it. It calls no other service.

Several processes may change the same runs: a work item's end is counted by the transaction that deletes its row, and wanted work is
idempotent by its key.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlalchemy import Connection

from chartly.orchestrator.domain import advance
from chartly.orchestrator.domain.finished_work import take_in
from chartly.orchestrator.domain.run import Run, RunBounds, Transition, Trigger
from chartly.orchestrator.domain.work import DeadLetter, EndedWork, WantedWork
from chartly.orchestrator.errors import RunUnknown, TooManyRuns
from chartly.orchestrator.store import dead_letters, schedules
from chartly.orchestrator.store import runs as store
from chartly.orchestrator.store import workflows as definitions
from chartly.platform.clock import Clock
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.platform.notification import KeyedNotifications, Notification

# A tenant at its bound of runs is asked to retry after about one short run.
_RETRY_AFTER_S = 5.0
RUN_METHOD = "RunWorkflow"


class RunRepository:
    """Create and change runs, one transaction a change. Used from one event loop; transactions run on threads."""

    def __init__(
        self,
        metadata: Metadata,
        clock: Clock,
        *,
        runs_open_max: int,
        bounds: RunBounds,
        event_depth_max: int,
        check_backlog: Callable[[Connection], None],
    ) -> None:
        self._metadata = metadata
        self._clock = clock
        self._runs_open_max = runs_open_max
        self._bounds = bounds
        self._event_depth_max = event_depth_max
        self._check_backlog = check_backlog
        self.changed = KeyedNotifications()
        """Notifies at each change of a run, by run id."""
        self.followers: list[Callable[[Transition], None]] = []
        """Called with each transition on the event loop, once it is durable."""
        self.resolved = Notification()
        """Notifies when there may be failed items that the queue can delete."""

    @property
    def now_ms(self) -> int:
        """The time in milliseconds since the epoch."""
        return int(self._clock.now().timestamp() * 1000)

    async def get(self, run_id: str, scope: Scope) -> Run:
        """Return one run.

        Raises:
            RunUnknown: the project has none with this id.
        """
        run = await self._metadata.read(store.get, run_id, scope)
        if run is None:
            raise RunUnknown(run_id)
        return run

    async def created_before(self, scope: Scope, key: str, request_hash: str) -> Run | None:
        """Return the run that an earlier call with this idempotency key created."""
        return await self._metadata.read(_created_under, scope, key, request_hash) if key else None

    async def create(self, make: Callable[[Connection], Sequence[Transition]], tenant: str) -> list[Run]:
        """Store the new runs that ``make`` returns, and what ``make`` itself writes, in one transaction.

        Only new runs are refused while the ledger is away for too long: the transitions of a run always store their events.

        Raises:
            TooManyRuns: the tenant's bound of open runs would be passed.
            LedgerBacklogFull: too many events wait for the ledger.
            ChartlyError: ``make`` raised it.
        """

        def apply(connection: Connection) -> Sequence[Transition]:
            made = make(connection)
            if made and store.count_open(connection, tenant) + len(made) > self._runs_open_max:
                raise TooManyRuns(self._runs_open_max, retry_after_s=_RETRY_AFTER_S)
            if made:
                self._check_backlog(connection)
            for transition in made:
                store.create(connection, transition)
            return made

        return [self._publish(transition) for transition in await write_with_retries(self._metadata, apply)]

    async def create_once(self, scope: Scope, run: Run, key: str, request_hash: str) -> Run:
        """Store a new run, or return the run that an earlier call with this idempotency key created.

        Raises:
            TooManyRuns: the tenant's bound of open runs is reached.
            WorkflowConflict: the key was used with another request.
        """
        before: Run | None = None

        def make(connection: Connection) -> list[Transition]:
            nonlocal before
            before = _created_under(connection, scope, key, request_hash)
            if before is not None:
                return []
            definitions.remember(connection, scope, RUN_METHOD, key, request_hash, run.run_id, self.now_ms)
            return [advance.begin(run, self.now_ms)]

        created = await self.create(make, run.tenant)
        return before or created[0]

    async def create_waiting(
        self, run: Run, claim: Callable[[Connection], bool], begin: Callable[[Run, int], Transition] = advance.begin
    ) -> None:
        """Store a run that waited to be started, unless ``claim`` returns in the same transaction that it waits no longer.

        Raises:
            TooManyRuns: the tenant's bound of open runs is reached.
        """
        await self.create(lambda connection: [begin(run, self.now_ms)] if claim(connection) else [], run.tenant)

    async def change(self, run_id: str, scope: Scope | None, happening: Callable[[Run, int], Transition]) -> Run:
        """Apply one transition to a run.

        Raises:
            RunUnknown: there is no such run, or not in this scope.
            ChartlyError: ``happening`` raised it.
        """

        def apply(connection: Connection) -> Transition:
            run = store.get(connection, run_id, scope)
            if run is None:
                raise RunUnknown(run_id)
            transition = happening(run, self.now_ms)
            if transition.run != run:
                store.keep(connection, transition)
                self._trigger_workflows(connection, transition)
            return transition

        return self._publish(await write_with_retries(self._metadata, apply))

    async def take_in(self, finished: Sequence[tuple[str, EndedWork]], sequence: int) -> None:
        """Count work that ended, by run id, and store how far the list was read; all in one transaction."""

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
                dead_letters.keep(connection, transition.run, dead, self.now_ms)
                store.keep(connection, transition)
                self._trigger_workflows(connection, transition)
            for run_id, work in finished:
                if work.state == "cancelled" and work.work_key in closed and run_id in made:
                    left = DeadLetter(closed[work.work_key], "", "It was cancelled in the queue.", dead=False)
                    dead_letters.keep(connection, made[run_id].run, [left], self.now_ms)
            self._clean_up(connection, finished, made)
            store.advance_to(connection, sequence)
            return list(made.values())

        for transition in await write_with_retries(self._metadata, apply):
            self._publish(transition)
        if any(work.state == "failed" for _, work in finished):
            self.resolved.notify()

    def _clean_up(self, connection: Connection, finished: Sequence[tuple[str, EndedWork]], made: Mapping[str, Transition]) -> None:
        """Store which failed items became no dead letters: they can't be retried or discarded."""
        dead = {each.work_key for transition in made.values() for each in transition.dead}
        for run_id, work in finished:
            if work.state == "failed" and work.work_key not in dead:
                run = made[run_id].run if run_id in made else store.get(connection, run_id)
                if run is not None:
                    dead_letters.clean_up(connection, run, work, self.now_ms)

    def _trigger_workflows(self, connection: Connection, transition: Transition) -> None:
        """Store the events of datasets that the run updated, in the run's own transaction, for the workflows that listen to them."""
        run = transition.run
        depth = (run.trigger.depth if run.trigger else 0) + 1
        if depth > self._event_depth_max:
            return  # workflows that trigger each other in a circle end here
        for dataset in transition.updated:
            trigger = Trigger("event", self.now_ms, "dataset_updated", dataset, depth)
            schedules.trigger_workflows(connection, run.tenant, run.project, trigger, self.now_ms, but=run.workflow_id)

    def _publish(self, transition: Transition) -> Run:
        for follower in self.followers:
            follower(transition)
        self.changed.notify([transition.run.run_id])
        return transition.run


def _created_under(connection: Connection, scope: Scope, key: str, request_hash: str) -> Run | None:
    run_id = definitions.made_under(connection, scope, RUN_METHOD, key, request_hash)
    return store.get(connection, run_id, scope) if run_id else None
