"""Starts the runs that wait: those of events, and those whose time has come. It decides nothing about time; ``domain/firing.py`` does."""

import asyncio
import time
from dataclasses import replace
from functools import partial

from chartly.orchestrator.domain import advance
from chartly.orchestrator.domain.run import Run, Transition
from chartly.orchestrator.runs.profile_freezing import freeze, unresolved
from chartly.orchestrator.runs.repository import RunRepository
from chartly.orchestrator.store import schedules as store
from chartly.orchestrator.store import workflows as definitions
from chartly.orchestrator.store.schedules import WaitingRun
from chartly.platform.clock import Clock
from chartly.platform.errors import ChartlyError, RemoteError, ResourceExhausted
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.metadata import Metadata
from chartly.platform.notification import Pulse, wait_for
from chartly.platform.rpc.clients import Clients
from chartly.platform.telemetry.log import Logger

# Runs that are frozen side by side: each asks the registry for a few profiles.
_STARTS_AT_ONCE = 8
_STARTS_A_ROUND = 64
# What another process, or a clock that was set, changed is seen within this.
_LOOK_AGAIN_S = 5.0
_PAUSE_S, _PAUSE_S_MAX = 0.5, 60.0
_DOUBLINGS_MAX = 10
# Refusals of the registry that no other attempt changes: the run is stored as failed with them, where its owner sees it.
_FINAL_CODES = frozenset({3, 5, 7, 9, 12})  # INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, FAILED_PRECONDITION, UNIMPLEMENTED


class RunStarter:
    """Looks for waiting runs whenever one may have become startable. One event loop only."""

    def __init__(self, repository: RunRepository, metadata: Metadata, clients: Clients, clock: Clock, logger: Logger) -> None:
        self._repository = repository
        self._metadata = metadata
        self._clients = clients
        self._clock = clock
        self._logger = logger
        self._news = Pulse()
        self._again: dict[str, tuple[int, float]] = {}
        """Of runs that couldn't be started: how often, and when to try again (monotonic seconds)."""

    def wake(self) -> None:
        """Look now."""
        self._news.beat()

    def follow(self, transition: Transition) -> None:
        """Look when a run has ended: another of its workflow may wait for that, or hear of what it wrote."""
        if transition.run.state.ended or transition.updated:
            self._news.beat()

    async def once(self) -> None:
        """Start what can be started; when nothing can, wait until something may."""
        beat = self._news.next
        resting = {run_id for run_id, (_, at_s) in self._again.items() if at_s > time.monotonic()}
        found = await self._metadata.read(store.startable, _STARTS_A_ROUND, resting)
        if not found:
            soonest_s = min((at_s for _, at_s in self._again.values()), default=time.monotonic() + _LOOK_AGAIN_S)
            await wait_for(beat, min(_LOOK_AGAIN_S, soonest_s - time.monotonic()))
            return
        self._again = {run_id: again for run_id, again in self._again.items() if run_id in resting or run_id in {w.run_id for w in found}}
        for first in range(0, len(found), _STARTS_AT_ONCE):
            await asyncio.gather(*map(self._start, found[first : first + _STARTS_AT_ONCE]))

    async def _start(self, waiting: WaitingRun) -> None:
        try:
            await self._started(waiting)
        except ChartlyError as refused:
            failures = self._again.get(waiting.run_id, (0, 0.0))[0] + 1
            retry_after_s = getattr(refused, "retry_after_s", None) or 0.0
            pause_s = max(min(_PAUSE_S * 2 ** min(failures, _DOUBLINGS_MAX), _PAUSE_S_MAX), retry_after_s)
            self._again[waiting.run_id] = (failures, time.monotonic() + pause_s)
            if not isinstance(refused, ResourceExhausted):
                self._logger.warning("waiting run not started", run_id=waiting.run_id, problem=refused.message, failures=failures)
        else:
            self._again.pop(waiting.run_id, None)

    async def _started(self, waiting: WaitingRun) -> None:
        scope = Scope.service("orchestrator", waiting.tenant, waiting.project, job_id=waiting.run_id)
        scope = replace(scope, on_behalf_of=waiting.principal, request_id=waiting.run_id)
        with scoped(scope):
            if waiting.overlap == "cancel_running":
                for run_id in await self._metadata.read(store.open_run_ids, waiting.workflow_id):
                    await self._repository.change(run_id, None, _cancelled)
            workflow = await self._metadata.read(definitions.by_id, scope, waiting.workflow_id)
            if workflow is None or workflow.deleted:
                return  # its deletion has taken the waiting runs along
            now = self._clock.now()
            clients = self._clients.acting(scope)
            claim = partial(store.claim, waiting=waiting)
            try:
                run = await freeze(workflow, scope, clients, now, run_id=waiting.run_id, trigger=waiting.trigger)
            except RemoteError as refused:
                if refused.remote_code not in _FINAL_CODES:
                    raise
                run = unresolved(workflow, scope, now, waiting.run_id, waiting.trigger)
                message = f"Its profiles can't be resolved: {refused.remote_message}"[:500]
                await self._repository.start(run, claim, partial(_broken, refused.remote_reason, message))
                return
            await self._repository.start(run, claim)


def _cancelled(run: Run, now_ms: int) -> Transition:
    return Transition(run) if run.state.ended else advance.cancel(run, now_ms)


def _broken(reason: str, message: str, run: Run, now_ms: int) -> Transition:
    return advance.broken(run, reason, message, now_ms)
