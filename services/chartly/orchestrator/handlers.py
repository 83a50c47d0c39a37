"""The orchestrator over the wire: decode, let catalog or keeper do it, encode."""

import hashlib
from collections.abc import AsyncIterator

from google.protobuf.message import Message

from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.identity.scope import current_scope
from chartly.platform.metadata import Metadata
from chartly.platform.notification import wait_for
from chartly.platform.rpc.call import Context, idempotency_key
from chartly.platform.rpc.clients import Clients
from chartly.platform.rpc.paging import page_position, page_size, page_token
from chartly.v1 import orchestrator_pb2 as pb
from chartly.v1 import orchestrator_pb2_grpc

from . import decode, encode
from .background.event_intake import EventEntrance
from .domain import advance
from .errors import DeadLetterUnknown, HookUnknown, IllegalTransition
from .runs.profile_freezing import freeze
from .runs.repository import Keeper
from .runs.reprocess import rebuild
from .runs.retries import Retries
from .runs.verification import Verifying
from .store import dead_letters as unfinished
from .store import runs as store
from .store.workflows import StoredWorkflow
from .workflows.catalog import WorkflowCatalog

_WORKFLOWS, _RUNS, _DEAD = "workflows/name", "runs/newest", "deadletters/newest"
# A watcher hears of changes at once from its own process; of another process's it learns within this.
_LOOK_AGAIN_S = 5.0


class OrchestratorHandlers(orchestrator_pb2_grpc.OrchestratorServiceServicer):
    """Serves workflows and runs for the caller's project."""

    def __init__(
        self,
        catalog: WorkflowCatalog,
        keeper: Keeper,
        entrance: EventEntrance,
        retries: Retries,
        metadata: Metadata,
        clients: Clients,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._catalog = catalog
        self._keeper = keeper
        self._entrance = entrance
        self._retries = retries
        self._metadata = metadata
        self._clients = clients
        self._clock = clock
        self._limits = limits
        self._draining = False

    def drain(self) -> None:
        """Let watches end."""
        self._draining = True
        self._keeper.changed.beat_all()

    async def CreateWorkflow(self, request: pb.CreateWorkflowRequest, context: Context) -> pb.Workflow:
        """Store a workflow once."""
        made = await self._catalog.create(current_scope(), request, idempotency_key(context), _digest(request))
        return await self._workflow(made)

    async def GetWorkflow(self, request: pb.GetWorkflowRequest, context: Context) -> pb.Workflow:
        """Read a workflow."""
        return await self._workflow(await self._catalog.get(current_scope(), request.workflow_id))

    async def ListWorkflows(self, request: pb.ListWorkflowsRequest, context: Context) -> pb.ListWorkflowsResponse:
        """List workflows by name."""
        size = page_size(request.page_size, self._limits)
        after = page_position(_WORKFLOWS, request.page_token, 1)
        found = await self._catalog.page(current_scope(), str(after[0]) if after else "", size + 1)
        token = page_token(_WORKFLOWS, found[size - 1].name) if len(found) > size else ""
        states, now_ms = await self._catalog.schedules_of(found[:size]), self._keeper.now_ms
        shown = [encode.workflow(each, states.get(each.workflow_id), now_ms) for each in found[:size]]
        return pb.ListWorkflowsResponse(workflows=shown, next_page_token=token)

    async def DeleteWorkflow(self, request: pb.DeleteWorkflowRequest, context: Context) -> pb.DeleteWorkflowResponse:
        """Remove a definition."""
        await self._catalog.delete(current_scope(), request.workflow_id)
        return pb.DeleteWorkflowResponse()

    async def PauseWorkflow(self, request: pb.PauseWorkflowRequest, context: Context) -> pb.Workflow:
        """Let a schedule rest."""
        return await self._workflow(await self._catalog.pause(current_scope(), request.workflow_id, paused=True))

    async def ResumeWorkflow(self, request: pb.ResumeWorkflowRequest, context: Context) -> pb.Workflow:
        """Let a schedule go on."""
        return await self._workflow(await self._catalog.pause(current_scope(), request.workflow_id, paused=False))

    async def RunWorkflow(self, request: pb.RunWorkflowRequest, context: Context) -> pb.Run:
        """Freeze a workflow's profiles and start a run."""
        scope, key, digest = current_scope(), idempotency_key(context), _digest(request)
        before = await self._keeper.made_before(scope, key, digest)
        if before is not None:
            return encode.run(before)
        workflow = await self._catalog.get(scope, request.workflow_id)
        run = await freeze(workflow, scope, self._clients, self._clock.now())
        return encode.run(await self._keeper.create(scope, run, key, digest))

    async def ReprocessDataset(self, request: pb.ReprocessDatasetRequest, context: Context) -> pb.Run:
        """Start a run that rebuilds a dataset."""
        scope, key, digest = current_scope(), idempotency_key(context), _digest(request)
        before = await self._keeper.made_before(scope, key, digest)
        if before is not None:
            return encode.run(before)
        run = await rebuild(request, scope, self._clients, self._keeper, self._clock.now())
        return encode.run(await self._keeper.create(scope, run, key, digest))

    async def GetRun(self, request: pb.GetRunRequest, context: Context) -> pb.Run:
        """Read a run."""
        return encode.run(await self._keeper.get(request.run_id, current_scope()))

    async def ListRuns(self, request: pb.ListRunsRequest, context: Context) -> pb.ListRunsResponse:
        """List runs, newest first."""
        size = page_size(request.page_size, self._limits)
        kind = f"{_RUNS}/{request.workflow_id}"
        before = page_position(kind, request.page_token, 1)
        last = str(before[0]) if before else ""
        found = await self._metadata.read(store.page, current_scope(), request.workflow_id, last, size + 1)
        token = page_token(kind, found[size - 1].run_id) if len(found) > size else ""
        return pb.ListRunsResponse(runs=map(encode.run, found[:size]), next_page_token=token)

    async def CancelRun(self, request: pb.CancelRunRequest, context: Context) -> pb.Run:
        """Stop a run."""
        return encode.run(await self._keeper.change(request.run_id, current_scope(), advance.cancel))

    async def RetryRun(self, request: pb.RetryRunRequest, context: Context) -> pb.Run:
        """Do what a run left undone."""
        return encode.run(await self._retries.retry_run(current_scope(), request.run_id))

    async def ListDeadLetters(self, request: pb.ListDeadLettersRequest, context: Context) -> pb.ListDeadLettersResponse:
        """List dead letters, newest first."""
        size = page_size(request.page_size, self._limits)
        asked = decode.listed(request)
        kind = f"{_DEAD}/{asked.run_id}/{asked.source_id}/{asked.kind}/{asked.reason}/{asked.state}"
        before = page_position(kind, request.page_token, 1)
        found = await self._metadata.read(unfinished.page, current_scope(), asked, str(before[0]) if before else "", size + 1)
        token = page_token(kind, found[size - 1].dead_letter_id) if len(found) > size else ""
        return pb.ListDeadLettersResponse(dead_letters=map(encode.dead_letter, found[:size]), next_page_token=token)

    async def GetDeadLetter(self, request: pb.GetDeadLetterRequest, context: Context) -> pb.DeadLetter:
        """Read a dead letter."""
        found = await self._metadata.read(unfinished.by_ids, current_scope(), [request.dead_letter_id])
        if not found:
            raise DeadLetterUnknown(request.dead_letter_id)
        return encode.dead_letter(found[0])

    async def RetryDeadLetters(self, request: pb.RetryDeadLettersRequest, context: Context) -> pb.RetryDeadLettersResponse:
        """Do dead letters again."""
        retried = await self._retries.retry_letters(current_scope(), decode.chosen(request, self._limits.dead_letters_a_call_max))
        return pb.RetryDeadLettersResponse(runs=map(encode.run, retried.runs), retried=retried.letters, more=retried.more)

    async def DiscardDeadLetters(self, request: pb.DiscardDeadLettersRequest, context: Context) -> pb.DiscardDeadLettersResponse:
        """Give dead letters up."""
        chosen = decode.chosen(request, self._limits.dead_letters_a_call_max)
        discarded, more = await self._retries.discard(current_scope(), chosen, decode.note(request))
        return pb.DiscardDeadLettersResponse(discarded=discarded, more=more)

    async def WatchRun(self, request: pb.WatchRunRequest, context: Context) -> AsyncIterator[pb.WatchRunResponse]:
        """Stream a run at each change, to its end."""
        scope = current_scope()
        await self._keeper.get(request.run_id, scope)
        seen = 0
        with self._keeper.changed.listening(request.run_id) as told:
            while not self._draining:
                told.clear()
                run = await self._keeper.get(request.run_id, scope)
                if run.revision > seen:
                    seen = run.revision
                    yield pb.WatchRunResponse(run=encode.run(run), last=run.state.ended)
                if run.state.ended:
                    return
                await wait_for(told, _LOOK_AGAIN_S)

    async def VerifyRun(self, request: pb.VerifyRunRequest, context: Context) -> AsyncIterator[pb.VerifyRunResponse]:
        """Do a past run again, and compare."""
        run = await self._keeper.get(request.run_id, current_scope())
        if not run.state.ended:
            raise IllegalTransition(run.state.value, "verified")
        async for message in Verifying(run, self._clients, self._clock.now()).parts():
            yield message

    async def NotifyEvent(self, request: pb.NotifyEventRequest, context: Context) -> pb.NotifyEventResponse:
        """Hear of an event."""
        scope = current_scope()
        noted = await self._entrance.hear(decode.event(request, scope, self._clock.now()))
        return pb.NotifyEventResponse(workflows=map(encode.notified, noted))

    async def CallHook(self, request: pb.CallHookRequest, context: Context) -> pb.CallHookResponse:
        """Hear a hook."""
        noted = await self._entrance.hear(decode.hook(request, current_scope(), idempotency_key(context), self._clock.now()))
        if not noted:
            raise HookUnknown(request.hook)
        return pb.CallHookResponse(workflows=map(encode.notified, noted))

    async def _workflow(self, stored: StoredWorkflow) -> pb.Workflow:
        states = await self._catalog.schedules_of([stored])
        return encode.workflow(stored, states.get(stored.workflow_id), self._keeper.now_ms)


def _digest(request: Message) -> str:
    return hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()
