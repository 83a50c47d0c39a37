"""Retry runs, and retry or discard dead letters. The new run itself is made by ``domain/retry.py``."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec
from sqlalchemy import Connection

from chartly.orchestrator.domain import advance, retry
from chartly.orchestrator.domain import ledger_events as events
from chartly.orchestrator.domain.retry import DeadLetterState
from chartly.orchestrator.domain.run import Run, Transition
from chartly.orchestrator.errors import DeadLetterUnknown, NothingToRetry, RunUnknown
from chartly.orchestrator.store import dead_letters
from chartly.orchestrator.store import runs as store
from chartly.orchestrator.store import workflows as definitions
from chartly.orchestrator.store.dead_letters import DeadLetterFilter, StoredDeadLetter
from chartly.orchestrator.workflows.catalog import WorkflowCatalog
from chartly.platform.clock import Clock
from chartly.platform.identifiers import new_id
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.platform.rpc.clients import Clients

from .profile_freezing import freeze
from .repository import RunRepository

_METHOD = "RetryRun"
# Runs that one call creates: each counts against the tenant's bound of open runs.
_RUNS_A_CALL_MAX = 50


@dataclass(frozen=True, slots=True)
class DeadLetterSelection:
    """Dead letters by id, or all of a filter."""

    dead_letter_ids: Sequence[str]
    filter: DeadLetterFilter


@dataclass(frozen=True, slots=True)
class RetriedDeadLetters:
    """The new runs of a retry."""

    runs: list[Run]
    letters: int
    more: bool
    """Whether the filter has more dead letters than this call retried."""


class RunRetries:
    """Retries and discards, each in one transaction."""

    def __init__(
        self,
        repository: RunRepository,
        catalog: WorkflowCatalog,
        metadata: Metadata,
        clients: Clients,
        clock: Clock,
        letters_max: int,
        notify_outbox: Callable[[], None],
    ) -> None:
        self._repository = repository
        self._catalog = catalog
        self._metadata = metadata
        self._clients = clients
        self._clock = clock
        self._letters_max = letters_max
        self._notify_outbox = notify_outbox

    async def retry_run(self, scope: Scope, run_id: str) -> Run:
        """Retry a run. A second call returns the same new run.

        Raises:
            RunUnknown: the project has none with this id.
            IllegalTransition: it hasn't ended as failed or cancelled.
            NothingToRetry: all of its dead letters were retried or discarded one by one.
        """
        old = await self._repository.get(run_id, scope)
        retry.check_retriable(old)
        resolved: Run | None = None
        if not retry.resolved(old):
            workflow = await self._catalog.get(scope, old.workflow_id)
            resolved = msgspec.structs.replace(await freeze(workflow, scope, self._clients, self._clock.now()), retry_of=run_id)
        before = await self._metadata.read(self._find_retry, scope, run_id)
        if before is not None:
            return before
        made = await self._repository.create(partial(self._retry_whole, scope=scope, run_id=run_id, resolved=resolved), scope.tenant)
        self._repository.resolved.notify()
        return made[0] if made else await self._retried(scope, run_id)

    async def retry_letters(self, scope: Scope, chosen: DeadLetterSelection) -> RetriedDeadLetters:
        """Retry dead letters, those of one run in one new run. For a dead letter that was retried before, return its run.

        Raises:
            DeadLetterUnknown: the project has none with one of the ids.
            IllegalTransition: one was discarded.
        """
        known: list[str] = []
        counted = 0
        more = False

        def make(connection: Connection) -> list[Transition]:
            nonlocal counted, more
            found, more = self._choose(connection, scope, chosen)
            known[:] = dict.fromkeys(each.retried_as for each in found if each.state is DeadLetterState.RETRIED)
            waiting = sorted((each for each in found if each.state is not DeadLetterState.RETRIED), key=lambda each: each.run_id)
            groups = [(run_id, list(group)) for run_id, group in itertools.groupby(waiting, key=lambda each: each.run_id)]
            more = more or len(groups) > _RUNS_A_CALL_MAX
            groups = groups[:_RUNS_A_CALL_MAX]
            counted = sum(len(group) for _, group in groups)
            return [self._retry_letters(connection, scope, _run(connection, scope, run_id), group, whole=False) for run_id, group in groups]

        made = await self._repository.create(make, scope.tenant)
        self._repository.resolved.notify()
        return RetriedDeadLetters([*made, *[await self._repository.get(run_id, scope) for run_id in known]], counted, more)

    async def discard(self, scope: Scope, chosen: DeadLetterSelection, note: str) -> tuple[int, bool]:
        """Discard dead letters. Return how many, and whether the filter has more than this call discarded.

        Raises:
            DeadLetterUnknown: the project has none with one of the ids.
            IllegalTransition: one was retried.
        """
        by, now_ms = scope.on_behalf_of or scope.principal, self._repository.now_ms

        def apply(connection: Connection) -> tuple[int, bool]:
            found, more = self._choose(connection, scope, chosen)
            fresh = [each for each in found if each.state is not DeadLetterState.DISCARDED]
            for each in fresh:
                retry.move(each.state, DeadLetterState.DISCARDED)
                event = events.dead_letter_discarded(each.run_id, each.dead_letter_id, each.work.reason, note, now_ms)
                store.put_event(connection, _run(connection, scope, each.run_id), event, by)
            dead_letters.resolve(connection, fresh, DeadLetterState.DISCARDED, by, now_ms, note=note)
            return len(fresh), more

        done = await write_with_retries(self._metadata, apply)
        self._notify_outbox()
        self._repository.resolved.notify()
        return done

    def _retry_whole(self, connection: Connection, scope: Scope, run_id: str, resolved: Run | None) -> list[Transition]:
        if self._find_retry(connection, scope, run_id) is not None:
            return []  # another call has retried it meanwhile
        old = _run(connection, scope, run_id)
        left = dead_letters.of_run(connection, run_id)
        if resolved is not None:
            made = advance.begin(resolved, self._repository.now_ms)
        elif left or retry.outstanding(old):
            made = self._retry_letters(connection, scope, old, left, whole=True)
        else:
            raise NothingToRetry(run_id)
        definitions.remember(connection, scope, _METHOD, run_id, "", made.run.run_id, self._repository.now_ms)
        return [made]

    def _retry_letters(self, connection: Connection, scope: Scope, old: Run, left: list[StoredDeadLetter], *, whole: bool) -> Transition:
        now, now_ms = self._clock.now(), self._repository.now_ms
        for each in left:
            retry.move(each.state, DeadLetterState.RETRIED)
        by = scope.on_behalf_of or scope.principal
        run_id = new_id("run", now)
        made = retry.retry_run(
            old, [each.work for each in left], whole=whole, run_id=run_id, principal=by, request_id=scope.request_id, now_ms=now_ms
        )
        dead_letters.resolve(connection, left, DeadLetterState.RETRIED, by, now_ms, retried_as=run_id)
        return made

    def _choose(self, connection: Connection, scope: Scope, chosen: DeadLetterSelection) -> tuple[list[StoredDeadLetter], bool]:
        if not chosen.dead_letter_ids:
            found = dead_letters.oldest(connection, scope, chosen.filter, self._letters_max + 1)
            return found[: self._letters_max], len(found) > self._letters_max
        found = dead_letters.by_ids(connection, scope, list(dict.fromkeys(chosen.dead_letter_ids)))
        missing = set(chosen.dead_letter_ids) - {each.dead_letter_id for each in found}
        if missing:
            raise DeadLetterUnknown(min(missing))
        return found, False

    async def _retried(self, scope: Scope, run_id: str) -> Run:
        run = await self._metadata.read(self._find_retry, scope, run_id)
        if run is None:
            raise NothingToRetry(run_id)
        return run

    @staticmethod
    def _find_retry(connection: Connection, scope: Scope, run_id: str) -> Run | None:
        made = definitions.made_under(connection, scope, _METHOD, run_id, "")
        return store.get(connection, made, scope) if made else None


def _run(connection: Connection, scope: Scope, run_id: str) -> Run:
    run = store.get(connection, run_id, scope)
    if run is None:
        raise RunUnknown(run_id)
    return run
