"""From a workflow to a run: every profile resolved once and bound by its hash. What is published later changes no run that began."""

import asyncio
from datetime import datetime

from google.protobuf import json_format

from chartly.orchestrator.domain import step_graph as flow
from chartly.orchestrator.domain.run import Run, Step, Trigger
from chartly.orchestrator.store.workflows import StoredStep, StoredWorkflow
from chartly.platform.identifiers import new_id
from chartly.platform.identity.scope import Scope
from chartly.platform.rpc.clients import Clients
from chartly.profiles import Reference
from chartly.v1 import registry_pb2


async def freeze(
    workflow: StoredWorkflow, scope: Scope, clients: Clients, now: datetime, *, run_id: str = "", trigger: Trigger | None = None
) -> Run:
    """Make a run of a workflow, with the right of who ``clients`` act for to read the profiles.

    Args:
        workflow: what to run.
        scope: whose run it is.
        clients: ask the registry.
        now: the time.
        run_id: given when the run was waited for; else a new one.
        trigger: why it begins, when no caller asked for it.

    Raises:
        RemoteError: PROFILE_UNKNOWN and whatever else the registry refuses.
    """
    depends = flow.effective_dependencies(workflow.steps)

    async def step(defined: StoredStep) -> Step:
        if not defined.enabled:
            return Step(defined.name, defined.type, defined.profile_ref, "", depends[defined.name], skipped=True)
        resolved = await clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=defined.profile_ref))
        spec = json_format.MessageToDict(resolved.resolved).get("spec", {})
        return Step(
            defined.name,
            defined.type,
            resolved.frozen.ref,
            resolved.frozen.hash,
            depends[defined.name],
            source_id=Reference.parse(resolved.frozen.ref).name if defined.type == flow.SYNC else "",
            dataset=str(spec.get("dataset", "")) if defined.type == flow.WRITE else "",
        )

    steps = tuple(await asyncio.gather(*map(step, workflow.steps)))
    return _run(workflow, scope, now, steps, run_id or new_id("run", now), trigger)


def unresolved(workflow: StoredWorkflow, scope: Scope, now: datetime, run_id: str, trigger: Trigger) -> Run:
    """Make the run of a workflow whose profiles can't be resolved: it names them, and can only fail."""
    steps = tuple(Step(step.name, step.type, step.profile_ref, "", step.depends_on, skipped=not step.enabled) for step in workflow.steps)
    return _run(workflow, scope, now, steps, run_id, trigger)


def _run(workflow: StoredWorkflow, scope: Scope, now: datetime, steps: tuple[Step, ...], run_id: str, trigger: Trigger | None) -> Run:
    return Run(
        run_id=run_id,
        tenant=scope.tenant,
        project=scope.project,
        principal=scope.on_behalf_of or scope.principal,
        request_id=scope.request_id,
        workflow_id=workflow.workflow_id,
        workflow_name=workflow.name,
        steps=steps,
        created_at_ms=int(now.timestamp() * 1000),
        trigger=trigger,
    )
