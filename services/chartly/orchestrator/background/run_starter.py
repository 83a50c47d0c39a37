"""Starts waiting runs: those of events, and those of fire times. When a schedule fires, ``domain/schedule.py`` decides."""

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
from chartly.platform.notification import Notification, wait_for
from chartly.platform.retry import pause_s
from chartly.platform.rpc.clients import Clients
from chartly.platform.telemetry.log import Logger

# Runs whose profiles are resolved at the same time: each asks the registry for a few.
_STARTS_AT_ONCE = 8
_STARTS_A_ROUND = 64
# Changes by another process, or by a clock that was set, are seen within this time.
_POLL_S = 5.0
_PAUSE_S, _PAUSE_S_MAX = 1.0, 60.0


class RunStarter:
    """Start waiting runs as soon as they may start. Used from one event loop."""

    def __init__(self, repository: RunRepository, metadata: Metadata, clients: Clients, clock: Clock, logger: Logger) -> None:
        self._repository = repository
        self._metadata = metadata
        self._clients = clients
        self._clock = clock
        self._logger = logger
        self._woken = Notification()
        self._retries: dict[str, tuple[int, float]] = {}
        """Runs that couldn't be started: number of failures, and the time of the next attempt (monotonic seconds)."""

    def wake(self) -> None:
        """Search for startable runs now."""
        self._woken.notify()

    def follow(self, transition: Transition) -> None:
        """Search for startable runs after a run has ended: another run may wait for it, or may be triggered by its dataset."""
        if transition.run.state.ended or transition.updated:
            self._woken.notify()

    async def once(self) -> None:
        """Start all runs that may start; when there are none, wait until one may."""
        notified = self._woken.next
        resting = {run_id for run_id, (_, at_s) in self._retries.items() if at_s > time.monotonic()}
        found = await self._metadata.read(store.startable, _STARTS_A_ROUND, resting)
        if not found:
            soonest_s = min((at_s for _, at_s in self._retries.values()), default=time.monotonic() + _POLL_S)
            await wait_for(notified, min(_POLL_S, soonest_s - time.monotonic()))
            return
        known = resting | {waiting.run_id for waiting in found}
        self._retries = {run_id: entry for run_id, entry in self._retries.items() if run_id in known}
        for first in range(0, len(found), _STARTS_AT_ONCE):
            await asyncio.gather(*map(self._start, found[first : first + _STARTS_AT_ONCE]))

    async def _start(self, waiting: WaitingRun) -> None:
        try:
            await self._started(waiting)
        except ChartlyError as refused:
            failures = self._retries.get(waiting.run_id, (0, 0.0))[0] + 1
            wait_s = pause_s(failures, _PAUSE_S_MAX, getattr(refused, "retry_after_s", None), wait_s=_PAUSE_S)
            self._retries[waiting.run_id] = (failures, time.monotonic() + wait_s)
            if not isinstance(refused, ResourceExhausted):
                self._logger.warning("waiting run not started", run_id=waiting.run_id, problem=refused.message, failures=failures)
        else:
            self._retries.pop(waiting.run_id, None)

    async def _started(self, waiting: WaitingRun) -> None:
        scope = Scope.service("orchestrator", waiting.tenant, waiting.project, run_id=waiting.run_id)
        scope = replace(scope, on_behalf_of=waiting.principal, request_id=waiting.run_id)
        with scoped(scope):
            if waiting.overlap == "cancel_running":
                for run_id in await self._metadata.read(store.open_run_ids, waiting.workflow_id):
                    await self._repository.change(run_id, None, _cancelled)
            workflow = await self._metadata.read(definitions.by_id, scope, waiting.workflow_id)
            if workflow is None or workflow.deleted:
                return  # the workflow's deletion has deleted its waiting runs
            now = self._clock.now()
            clients = self._clients.acting(scope)
            claim = partial(store.claim, waiting=waiting)
            try:
                run = await freeze(workflow, scope, clients, now, run_id=waiting.run_id, trigger=waiting.trigger)
            except RemoteError as refused:
                if not refused.is_final:
                    raise
                run = unresolved(workflow, scope, now, waiting.run_id, waiting.trigger)
                message = f"Its profiles can't be resolved: {refused.remote_message}"[:500]
                await self._repository.create_waiting(run, claim, partial(_broken, refused.remote_reason, message))
                return
            await self._repository.create_waiting(run, claim)


def _cancelled(run: Run, now_ms: int) -> Transition:
    return Transition(run) if run.state.ended else advance.cancel(run, now_ms)


def _broken(reason: str, message: str, run: Run, now_ms: int) -> Transition:
    return advance.broken(run, reason, message, now_ms)
