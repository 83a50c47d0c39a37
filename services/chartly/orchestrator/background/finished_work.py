"""Reads finished work from the coordinator, from the stored sequence on, and counts it. It decides nothing."""

from chartly.orchestrator.domain.work import EndedWork
from chartly.orchestrator.failpoints import OrchestratorFailpoint
from chartly.orchestrator.runs.repository import RunRepository
from chartly.orchestrator.store import runs as store
from chartly.platform.failpoints import reached
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.rpc.clients import Clients
from chartly.v1 import coordinator_pb2 as pb

_PAGE_SIZE = 500
_WAIT_MS = 25_000
# Longer than the wait, so that an empty response comes before the deadline.
_TIMEOUT_S = 35.0
_STATES = {pb.WORK_STATE_COMPLETED: "completed", pb.WORK_STATE_FAILED: "failed", pb.WORK_STATE_CANCELLED: "cancelled"}


class FinishedWorkReader:
    """Read the list of finished work in order."""

    def __init__(self, repository: RunRepository, metadata: Metadata, clients: Clients) -> None:
        self._repository = repository
        self._metadata = metadata
        self._coordinator = clients.acting(Scope.service("orchestrator")).coordinator
        self._after: int | None = None

    async def once(self) -> None:
        """Wait for work that ended, and count it."""
        if self._after is None:
            self._after = await self._metadata.read(store.position)
        request = pb.ListFinishedWorkRequest(after_sequence=self._after, page_size=_PAGE_SIZE, wait_ms=_WAIT_MS)
        items = (await self._coordinator.ListFinishedWork(request, timeout=_TIMEOUT_S)).items
        if items:
            reached(OrchestratorFailpoint.FINISHED_READ)
            after = items[-1].finish_sequence
            await self._repository.take_in([(item.run_id, _ended(item)) for item in items], after)
            reached(OrchestratorFailpoint.FINISHED_COUNTED)
            self._after = after


def _ended(item: pb.WorkItem) -> EndedWork:
    return EndedWork(
        work_key=item.work_key,
        step=item.step,
        state=_STATES[item.state],
        outcome=item.outcome,
        reason=item.reason,
        message=item.message,
    )
