"""Sends wanted work and cancellations to the queue. Both are idempotent, so after a restart everything that is open is sent again.

One task makes one call after another, so that a run's cancellation never overtakes work of the same run. A full queue delays only the run
whose call it refused.
"""

import time
from collections import deque
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from chartly.orchestrator.domain import advance
from chartly.orchestrator.domain.run import Run, Transition
from chartly.orchestrator.domain.states import RunState
from chartly.orchestrator.domain.work import WantedWork
from chartly.orchestrator.failpoints import OrchestratorFailpoint
from chartly.orchestrator.runs.repository import RunRepository
from chartly.orchestrator.store import runs as store
from chartly.platform.errors import RemoteError
from chartly.platform.failpoints import reached
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.notification import Notification, wait_for
from chartly.platform.retry import pause_s
from chartly.platform.rpc.clients import Clients
from chartly.v1 import coordinator_pb2 as pb

# Most items of one call. A call is stored as a whole or not at all: each refusal of a full queue halves the number for its run, each
# success adds one (additive increase, multiplicative decrease, as for TCP's window).
_ITEMS_A_CALL_MAX = 100
# A refused call is repeated within this time: a full queue has room soon, and a coordinator that restarts is back soon.
_PAUSE_S, _PAUSE_S_MAX = 0.5, 5.0


@dataclass
class _Due:
    run: Run
    wanted: "deque[WantedWork]" = field(default_factory=deque[WantedWork])
    cancel: bool = False
    at_s: float = 0.0
    failures: int = 0
    """Refusals in a row."""
    items_a_call: int = _ITEMS_A_CALL_MAX


class WorkDispatcher:
    """What is to be sent, by run. Used from one event loop."""

    def __init__(self, repository: RunRepository, metadata: Metadata, clients: Clients) -> None:
        self._repository = repository
        self._metadata = metadata
        self._clients = clients
        self._due: dict[str, _Due] = {}
        self._added = Notification()

    async def load(self) -> None:
        """Read what an earlier process may not have sent."""
        for run in await self._metadata.read(store.open_runs):
            self._add(run, await self._metadata.read(store.open_work, run.run_id), cancel=False)
        for run in await self._metadata.read(store.cancelling):
            self._add(run, [], cancel=True)

    def follow(self, transition: Transition) -> None:
        """Add the work and the cancellation of a transition."""
        if transition.wanted or transition.cancel:
            self._add(transition.run, transition.wanted, cancel=transition.cancel)

    async def once(self) -> None:
        """Wait until something is due, and send it."""
        notified = self._added.next
        now_s = time.monotonic()
        ready = [due for due in self._due.values() if due.at_s <= now_s]
        if not ready:
            soonest_s = min((due.at_s for due in self._due.values()), default=None)
            await wait_for(notified, None if soonest_s is None else soonest_s - now_s)
            return
        for due in ready:
            try:
                await self._send(due)
            except RemoteError as refused:
                await self._refused(due, refused)
            else:
                due.failures = 0

    def _add(self, run: Run, wanted: "list[WantedWork] | tuple[WantedWork, ...]", *, cancel: bool) -> None:
        due = self._due.setdefault(run.run_id, _Due(run))
        due.run = run
        due.wanted.extend(wanted)
        if cancel:
            due.wanted.clear()
            due.cancel, due.at_s = True, 0.0
        self._added.notify()

    async def _send(self, due: _Due) -> None:
        run = due.run
        scope = Scope.service("orchestrator", run.tenant, run.project, request_id=run.request_id, run_id=run.run_id)
        coordinator = self._clients.acting(replace(scope, on_behalf_of=run.principal)).coordinator
        if due.cancel:
            await coordinator.CancelWork(pb.CancelWorkRequest(run_id=run.run_id))
            await self._metadata.write(store.cancelled, run.run_id)
            self._due.pop(run.run_id)
            return
        batch = list(islice(due.wanted, due.items_a_call))
        if batch:
            await coordinator.EnqueueWork(pb.EnqueueWorkRequest(items=[_item(run, wanted) for wanted in batch]))
            reached(OrchestratorFailpoint.WORK_QUEUED)
            due.items_a_call = min(due.items_a_call + 1, _ITEMS_A_CALL_MAX)
            for _ in batch:
                if due.wanted:  # a cancellation may have cleared them meanwhile
                    due.wanted.popleft()
            if run.state is RunState.QUEUED and not due.cancel:
                due.run = await self._repository.change(run.run_id, None, _started)
        if not due.wanted and not due.cancel:
            self._due.pop(run.run_id)

    async def _refused(self, due: _Due, refused: RemoteError) -> None:
        if refused.is_final and not due.cancel:
            self._due.pop(due.run.run_id)
            message = f"Its work was refused by the queue: {refused.remote_message}"[:500]
            await self._repository.change(due.run.run_id, None, partial(_broken, refused.remote_reason, message))
            return
        asked = min(due.items_a_call, len(due.wanted))
        if refused.remote_reason == "QUEUE_FULL" and asked > 1:
            # Half of the call may fit now.
            due.items_a_call = asked // 2
            return
        due.failures += 1
        due.at_s = time.monotonic() + pause_s(due.failures, _PAUSE_S_MAX, refused.retry_after_s, wait_s=_PAUSE_S)


def _started(run: Run, now_ms: int) -> Transition:
    return Transition(run) if run.state.ended else advance.dispatched(run, now_ms)


def _broken(reason: str, message: str, run: Run, now_ms: int) -> Transition:
    return advance.broken(run, reason, message, now_ms)


def _item(run: Run, wanted: WantedWork) -> pb.WorkItem:
    return pb.WorkItem(
        work_key=wanted.work_key,
        source_id=wanted.source_id,
        run_id=run.run_id,
        step=wanted.step,
        size_bytes=wanted.data_bytes,
        task=wanted.task,
    )
