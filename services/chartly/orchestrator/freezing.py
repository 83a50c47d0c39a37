"""From a workflow to a run: every profile resolved once and bound by its hash. What is published later changes no run that began."""

import asyncio
from datetime import datetime

from google.protobuf import json_format

from chartly.platform.clients import Clients
from chartly.platform.identifiers import new_id
from chartly.platform.scope import Scope
from chartly.profiles import Reference
from chartly.v1 import registry_pb2

from .domain import flow
from .domain.model import Run, Step
from .store.workflows import StoredStep, StoredWorkflow


async def freeze(workflow: StoredWorkflow, scope: Scope, clients: Clients, now: datetime) -> Run:
    """Make a run of a workflow, with the caller's own right to read the profiles.

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

    return Run(
        run_id=new_id("run", now),
        tenant=scope.tenant,
        project=scope.project,
        principal=scope.on_behalf_of or scope.principal,
        request_id=scope.request_id,
        workflow_id=workflow.workflow_id,
        workflow_name=workflow.name,
        steps=tuple(await asyncio.gather(*map(step, workflow.steps))),
        created_at_ms=int(now.timestamp() * 1000),
    )
