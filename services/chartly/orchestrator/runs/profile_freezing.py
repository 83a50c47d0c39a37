"""Make a run of a workflow: every profile is resolved once and bound by its hash. Later versions change no run that began."""

import asyncio
from datetime import datetime
from typing import Any

from google.protobuf import json_format

from chartly.orchestrator.domain import step_graph as flow
from chartly.orchestrator.domain.run import Run, Trigger
from chartly.orchestrator.domain.steps import WORKFLOW_STEPS, Step
from chartly.orchestrator.store.workflows import StoredStep, StoredWorkflow
from chartly.platform.identifiers import new_id
from chartly.platform.identity.scope import Scope
from chartly.platform.rpc.clients import Clients
from chartly.v1 import registry_pb2


async def freeze(
    workflow: StoredWorkflow, scope: Scope, clients: Clients, now: datetime, *, run_id: str = "", trigger: Trigger | None = None
) -> Run:
    """Return a new run of a workflow.

    Args:
        workflow: the workflow.
        scope: tenant, project and principal of the run.
        clients: clients of the caller, who must be allowed to read the profiles.
        now: the time.
        run_id: the id of the waiting run; empty for a new id.
        trigger: why it begins; None when a caller asked for it.

    Raises:
        RemoteError: PROFILE_UNKNOWN, and any other error of the registry.
    """
    depends = flow.effective_dependencies(workflow.steps)

    async def step(defined: StoredStep) -> Step:
        kind = WORKFLOW_STEPS[defined.type]
        if not defined.enabled:
            return kind(defined.name, defined.profile_ref, "", depends[defined.name], skipped=True)
        resolved = await clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=defined.profile_ref))
        spec: dict[str, Any] = json_format.MessageToDict(resolved.resolved).get("spec", {})
        return kind.of_profile(defined.name, resolved.frozen.ref, resolved.frozen.hash, depends[defined.name], spec)

    steps = tuple(await asyncio.gather(*map(step, workflow.steps)))
    return _run(workflow, scope, now, steps, run_id or new_id("run", now), trigger)


def unresolved(workflow: StoredWorkflow, scope: Scope, now: datetime, run_id: str, trigger: Trigger) -> Run:
    """Return the run of a workflow with unresolvable profiles: it names them, and can only fail."""
    steps = tuple(
        WORKFLOW_STEPS[step.type](step.name, step.profile_ref, "", step.depends_on, skipped=not step.enabled) for step in workflow.steps
    )
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
