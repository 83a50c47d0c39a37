"""Run RPCs: decode, change or read runs, encode."""

from collections.abc import AsyncIterator, Callable

from chartly.orchestrator.domain import advance
from chartly.orchestrator.domain.ledger_events import run_verified
from chartly.orchestrator.errors import IllegalTransition
from chartly.orchestrator.store import runs as store
from chartly.orchestrator.workflows.catalog import WorkflowCatalog
from chartly.platform.clock import Clock
from chartly.platform.identifiers import new_id
from chartly.platform.identity.scope import current_scope
from chartly.platform.metadata import Metadata
from chartly.platform.notification import wait_for
from chartly.platform.rpc.call import Context, idempotency_key, request_hash
from chartly.platform.rpc.clients import Clients
from chartly.platform.rpc.paging import page_position, page_size, page_token
from chartly.v1 import orchestrator_pb2 as pb

from .encode import encode_run
from .profile_freezing import freeze
from .repository import RunRepository
from .reprocess import reprocess_run
from .retries import RunRetries
from .verification import RunVerification

_RUNS = "runs/newest"
# A watcher is notified at once of changes that its own process makes; it sees another process's changes within this time.
_POLL_S = 5.0


class RunHandlers:
    """Serve the runs of the caller's project."""

    def __init__(
        self,
        catalog: WorkflowCatalog,
        repository: RunRepository,
        retries: RunRetries,
        metadata: Metadata,
        clients: Clients,
        clock: Clock,
        notify_outbox: Callable[[], None],
    ) -> None:
        self._catalog = catalog
        self._repository = repository
        self._retries = retries
        self._metadata = metadata
        self._clients = clients
        self._clock = clock
        self._notify_outbox = notify_outbox
        self._draining = False

    def drain(self) -> None:
        """End all WatchRun streams, so that the server can stop."""
        self._draining = True
        self._repository.changed.notify_all()

    async def RunWorkflow(self, request: pb.RunWorkflowRequest, context: Context) -> pb.Run:
        """Resolve and freeze a workflow's profiles, and create a run."""
        scope, key, digest = current_scope(), idempotency_key(context), request_hash(request)
        before = await self._repository.created_before(scope, key, digest)
        if before is not None:
            return encode_run(before)
        workflow = await self._catalog.get(scope, request.workflow_id)
        run = await freeze(workflow, scope, self._clients, self._clock.now())
        return encode_run(await self._repository.create_once(scope, run, key, digest))

    async def ReprocessDataset(self, request: pb.ReprocessDatasetRequest, context: Context) -> pb.Run:
        """Create a run that reprocesses a dataset."""
        scope, key, digest = current_scope(), idempotency_key(context), request_hash(request)
        before = await self._repository.created_before(scope, key, digest)
        if before is not None:
            return encode_run(before)
        run = await reprocess_run(request, scope, self._clients, self._repository, self._clock.now())
        return encode_run(await self._repository.create_once(scope, run, key, digest))

    async def GetRun(self, request: pb.GetRunRequest, context: Context) -> pb.Run:
        """Return a run."""
        return encode_run(await self._repository.get(request.run_id, current_scope()))

    async def ListRuns(self, request: pb.ListRunsRequest, context: Context) -> pb.ListRunsResponse:
        """List runs, newest first."""
        size = page_size(request.page_size)
        kind = f"{_RUNS}/{request.workflow_id}"
        before = page_position(kind, request.page_token, 1)
        last = str(before[0]) if before else ""
        found = await self._metadata.read(store.page, current_scope(), request.workflow_id, last, size + 1)
        token = page_token(kind, found[size - 1].run_id) if len(found) > size else ""
        return pb.ListRunsResponse(runs=map(encode_run, found[:size]), next_page_token=token)

    async def CancelRun(self, request: pb.CancelRunRequest, context: Context) -> pb.Run:
        """Cancel a run."""
        return encode_run(await self._repository.change(request.run_id, current_scope(), advance.cancel))

    async def RetryRun(self, request: pb.RetryRunRequest, context: Context) -> pb.Run:
        """Retry a failed or cancelled run, as a new run."""
        return encode_run(await self._retries.retry_run(current_scope(), request.run_id))

    async def WatchRun(self, request: pb.WatchRunRequest, context: Context) -> AsyncIterator[pb.WatchRunResponse]:
        """Stream a run at each change, until it ends."""
        scope = current_scope()
        await self._repository.get(request.run_id, scope)
        seen = 0
        with self._repository.changed.subscribe(request.run_id) as changed:
            while not self._draining:
                changed.clear()
                run = await self._repository.get(request.run_id, scope)
                if run.revision > seen:
                    seen = run.revision
                    yield pb.WatchRunResponse(run=encode_run(run), last=run.state.ended)
                if run.state.ended:
                    return
                await wait_for(changed, _POLL_S)

    async def VerifyRun(self, request: pb.VerifyRunRequest, context: Context) -> AsyncIterator[pb.VerifyRunResponse]:
        """Repeat a past run and compare, without writing to its dataset."""
        run = await self._repository.get(request.run_id, current_scope())
        if not run.state.ended:
            raise IllegalTransition(run.state.value, "verified")
        verification = RunVerification(run, self._clients)
        async for part in verification.parts():
            yield part
        event = run_verified(run, verification.sums, new_id("verification", self._clock.now()), self._repository.now_ms)
        scope = current_scope()
        await self._metadata.write(store.put_event, run, event, scope.on_behalf_of or scope.principal)
        self._notify_outbox()
        yield verification.summary()
