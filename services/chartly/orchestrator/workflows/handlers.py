"""Workflow RPCs: decode, call the catalog, encode."""

from chartly.orchestrator.store.workflows import StoredWorkflow
from chartly.platform.clock import Clock
from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context, idempotency_key, request_hash
from chartly.platform.rpc.paging import page_position, page_size, page_token
from chartly.v1 import orchestrator_pb2 as pb

from . import encode
from .catalog import WorkflowCatalog

_WORKFLOWS = "workflows/name"


class WorkflowHandlers:
    """Serve the workflows of the caller's project."""

    def __init__(self, catalog: WorkflowCatalog, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock

    @property
    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    async def CreateWorkflow(self, request: pb.CreateWorkflowRequest, context: Context) -> pb.Workflow:
        """Store a workflow once."""
        made = await self._catalog.create(current_scope(), request, idempotency_key(context), request_hash(request))
        return await self._workflow(made)

    async def GetWorkflow(self, request: pb.GetWorkflowRequest, context: Context) -> pb.Workflow:
        """Return a workflow."""
        return await self._workflow(await self._catalog.get(current_scope(), request.workflow_id))

    async def ListWorkflows(self, request: pb.ListWorkflowsRequest, context: Context) -> pb.ListWorkflowsResponse:
        """List workflows by name."""
        size = page_size(request.page_size)
        after = page_position(_WORKFLOWS, request.page_token, 1)
        found = await self._catalog.page(current_scope(), str(after[0]) if after else "", size + 1)
        token = page_token(_WORKFLOWS, found[size - 1].name) if len(found) > size else ""
        states, now_ms = await self._catalog.schedules_of(found[:size]), self._now_ms
        shown = [encode.workflow(each, states.get(each.workflow_id), now_ms) for each in found[:size]]
        return pb.ListWorkflowsResponse(workflows=shown, next_page_token=token)

    async def DeleteWorkflow(self, request: pb.DeleteWorkflowRequest, context: Context) -> pb.DeleteWorkflowResponse:
        """Delete a workflow."""
        await self._catalog.delete(current_scope(), request.workflow_id)
        return pb.DeleteWorkflowResponse()

    async def PauseWorkflow(self, request: pb.PauseWorkflowRequest, context: Context) -> pb.Workflow:
        """Pause a schedule."""
        return await self._workflow(await self._catalog.pause(current_scope(), request.workflow_id, paused=True))

    async def ResumeWorkflow(self, request: pb.ResumeWorkflowRequest, context: Context) -> pb.Workflow:
        """Resume a schedule."""
        return await self._workflow(await self._catalog.pause(current_scope(), request.workflow_id, paused=False))

    async def _workflow(self, stored: StoredWorkflow) -> pb.Workflow:
        states = await self._catalog.schedules_of([stored])
        return encode.workflow(stored, states.get(stored.workflow_id), self._now_ms)
