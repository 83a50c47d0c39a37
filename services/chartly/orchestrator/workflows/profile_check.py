"""Checks the profiles of a new workflow: they exist, are not deprecated, and their records fit the datasets. It stores nothing."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chartly.native import PlanError
from chartly.orchestrator.domain import step_graph as flow
from chartly.orchestrator.domain.dataset_fit import column_violations, retention_violations
from chartly.orchestrator.domain.step_types import NORMALIZE, WRITE
from chartly.orchestrator.errors import WorkflowInvalid
from chartly.orchestrator.store.workflows import StoredStep, StoredWorkflow
from chartly.platform.errors import FieldViolation, RemoteError
from chartly.platform.rpc.clients import Clients
from chartly.profiles.plan_columns import plan_columns
from chartly.v1 import dataset_pb2, registry_pb2


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A step's resolved profile."""

    hash: str
    deprecated: bool


async def check_profiles(workflow: StoredWorkflow, clients: Clients) -> None:
    """Check the profiles of all enabled steps, as far as they can be checked before a run.

    Raises:
        WorkflowInvalid: with every step whose profile a workflow can't use.
        RemoteError: PROFILE_UNKNOWN, and any other error of the registry.
    """
    enabled = [step for step in workflow.steps if step.enabled]
    refs = list(dict.fromkeys(step.profile_ref for step in enabled))
    frozen = dict(zip(refs, await asyncio.gather(*(_freeze(ref, clients) for ref in refs)), strict=True))
    places = {step.name: f"spec.steps.{position}" for position, step in enumerate(workflow.steps)}
    found = [
        FieldViolation(places[step.name], "names a deprecated profile", "profile-deprecated")
        for step in enabled
        if frozen[step.profile_ref].deprecated
    ]
    depends = flow.effective_dependencies(workflow.steps)
    by_name = {step.name: step for step in enabled}
    for writer in enabled:
        if writer.type == WRITE:
            [normalize] = [by_name[name] for name in depends[writer.name] if by_name[name].type == NORMALIZE]
            found += await _misfits(normalize, writer, places, frozen, clients)
    if found:
        raise WorkflowInvalid(violations=tuple(found))


async def _freeze(ref: str, clients: Clients) -> _Frozen:
    frozen = (await clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=ref))).frozen
    profile = (await clients.registry.GetProfile(registry_pb2.GetProfileRequest(ref=frozen.ref))).profile
    return _Frozen(frozen.hash, profile.deprecated)


async def _misfits(
    normalize: StoredStep, writer: StoredStep, places: Mapping[str, str], frozen: Mapping[str, _Frozen], clients: Clients
) -> list[FieldViolation]:
    """Return why the dataset of a write step can't have the records of its normalize step."""
    normalizer, storage = await asyncio.gather(
        *(
            clients.registry.GetFrozenProfile(registry_pb2.GetFrozenProfileRequest(hash=frozen[step.profile_ref].hash))
            for step in (normalize, writer)
        )
    )
    try:
        columns = await asyncio.to_thread(plan_columns, normalizer.resolved_json, normalizer.contract_json)
    except PlanError as refused:
        return [FieldViolation(places[normalize.name], f"its profile does not compile: {refused}", "profile-refused")]
    spec: Mapping[str, Any] = json.loads(storage.resolved_json)["spec"]
    held = await _columns(str(spec.get("dataset", "")), clients)
    return [
        *column_violations(places[normalize.name], columns, held),
        *retention_violations(places[writer.name], spec, columns, held),
    ]


async def _columns(dataset: str, clients: Clients) -> dict[str, str]:
    """Return the types of a dataset's columns by name; empty if there is no such dataset, or if storage doesn't answer.

    A workflow may be stored while storage is away: storage refuses what doesn't fit before each commit.
    """
    try:
        found = await clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset=dataset))
    except RemoteError as refused:
        if refused.is_away or refused.is_not_served or refused.remote_reason == "DATASET_UNKNOWN":
            return {}
        raise
    return {column.name: column.type for column in found.columns}
