"""Workflows: parsed from either form, checked against the registry, stored once, paused and resumed. It runs none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from google.protobuf import json_format
from sqlalchemy import Connection

from chartly.contracts import ContractStore
from chartly.orchestrator.domain import schedule as firing
from chartly.orchestrator.domain import step_graph as flow
from chartly.orchestrator.errors import NotScheduled, WorkflowConflict, WorkflowInvalid, WorkflowUnknown
from chartly.orchestrator.store import schedules
from chartly.orchestrator.store import workflows as store
from chartly.orchestrator.store.workflows import StoredStep, StoredWorkflow
from chartly.platform.clock import Clock
from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.identifiers import new_id
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.platform.rpc.clients import Clients
from chartly.profiles import Document, Kind, Workflow
from chartly.v1 import orchestrator_pb2 as pb

from .profile_check import check_profiles

_METHOD = "CreateWorkflow"


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """A workflow's schedule with its progress, and the number of its waiting runs."""

    stored: schedules.StoredSchedule
    runs_waiting: int


class WorkflowCatalog:
    """The project's workflows."""

    def __init__(self, metadata: Metadata, clients: Clients, clock: Clock, wake: Callable[[], None]) -> None:
        self._metadata = metadata
        self._wake = wake
        self._clients = clients
        self._clock = clock

    @cached_property
    def _contracts(self) -> ContractStore:
        # Loaded with the first workflow and not at the start, so that a host is ready sooner.
        return ContractStore.packaged()

    async def create(self, scope: Scope, request: pb.CreateWorkflowRequest, key: str, request_hash: str) -> StoredWorkflow:
        """Store a workflow, or return the one that was stored before with this key, or with this name and these steps.

        Raises:
            ProfileInvalid: the document or the compact form breaks a rule.
            WorkflowInvalid: its steps contradict each other, name a deprecated profile, or don't fit an existing dataset.
            WorkflowConflict: the name or the key is taken by another workflow.
            RemoteError: PROFILE_UNKNOWN, and any other error of the registry.
        """
        before = await self._metadata.read(self._made_under, scope, key, request_hash)
        if before is not None:
            return before
        made = self._stored(self._read(request))
        flow.check(made.steps)
        await check_profiles(made, self._clients)

        def put(connection: Connection) -> StoredWorkflow:
            found = self._made_under(connection, scope, key, request_hash)
            if found is not None:
                return found
            known = store.by_name(connection, scope, made.name)
            if known is not None and known.content_hash != made.content_hash:
                raise WorkflowConflict("name")
            now_ms = int(self._clock.now().timestamp() * 1000)
            if known is None:
                store.put(connection, scope, made)
                self._put_schedule(connection, scope, made)
            store.remember(connection, scope, _METHOD, key, request_hash, (known or made).workflow_id, now_ms)
            return known or made

        stored = await write_with_retries(self._metadata, put)
        self._wake()
        return stored

    async def get(self, scope: Scope, workflow_id: str) -> StoredWorkflow:
        """Return a workflow that was not deleted.

        Raises:
            WorkflowUnknown: the project has none with this id.
        """
        found = await self._metadata.read(store.by_id, scope, workflow_id)
        if found is None or found.deleted:
            raise WorkflowUnknown(workflow_id)
        return found

    async def page(self, scope: Scope, after: str, count: int) -> list[StoredWorkflow]:
        """Read workflows by name."""
        return await self._metadata.read(store.page, scope, after, count)

    async def pause(self, scope: Scope, workflow_id: str, *, paused: bool) -> StoredWorkflow:
        """Pause a workflow's schedule, or resume it from now. Idempotent.

        Raises:
            WorkflowUnknown: the project has none with this id.
            NotScheduled: it has no schedule.
        """
        workflow = await self.get(scope, workflow_id)

        def change(connection: Connection) -> None:
            stored = schedules.locked(connection, workflow_id)
            if stored is None:
                raise NotScheduled(workflow_id)
            if stored.paused == paused:
                return
            last_ms, next_ms = stored.last_ms, 0
            if not paused and not stored.schedule.event:
                last_ms = int(self._clock.now().timestamp() * 1000)
                next_ms = firing.decide(stored.schedule, workflow_id, stored.anchor_ms, last_ms, last_ms, 1).next_ms
            schedules.pause(connection, workflow_id, paused=paused, last_ms=last_ms, next_ms=next_ms)

        await write_with_retries(self._metadata, change)
        self._wake()
        return workflow

    async def schedules_of(self, workflows: Sequence[StoredWorkflow]) -> dict[str, ScheduleState]:
        """Return the schedules of these workflows with their progress."""
        ids = [workflow.workflow_id for workflow in workflows if workflow.schedule]

        def read(connection: Connection) -> dict[str, ScheduleState]:
            waiting = schedules.waiting_runs(connection, ids)
            found = schedules.of_workflows(connection, ids)
            return {workflow_id: ScheduleState(stored, waiting.get(workflow_id, 0)) for workflow_id, stored in found.items()}

        return await self._metadata.read(read) if ids else {}

    async def delete(self, scope: Scope, workflow_id: str) -> None:
        """Delete a workflow. Idempotent.

        Raises:
            WorkflowUnknown: there never was a workflow with this id.
        """

        def remove(connection: Connection) -> bool:
            found = store.delete(connection, scope, workflow_id)
            if found:
                schedules.remove(connection, workflow_id)
            return found

        if not await write_with_retries(self._metadata, remove):
            raise WorkflowUnknown(workflow_id)

    @staticmethod
    def _put_schedule(connection: Connection, scope: Scope, made: StoredWorkflow) -> None:
        schedule, now_ms = made.schedule, made.created_at_ms
        if schedule is None:
            return
        principal = scope.on_behalf_of or scope.principal
        next_ms = firing.decide(schedule, made.workflow_id, now_ms, now_ms, now_ms, 1).next_ms if not schedule.event else 0
        stored = schedules.StoredSchedule(
            made.workflow_id,
            scope.tenant,
            scope.project,
            made.name,
            principal,
            schedule,
            paused=False,
            anchor_ms=now_ms,
            last_ms=now_ms,
            next_ms=next_ms,
        )
        schedules.put(connection, stored)

    @staticmethod
    def _made_under(connection: Connection, scope: Scope, key: str, request_hash: str) -> StoredWorkflow | None:
        workflow_id = store.made_under(connection, scope, _METHOD, key, request_hash)
        return store.by_id(connection, scope, workflow_id) if workflow_id else None

    def _read(self, request: pb.CreateWorkflowRequest) -> Workflow:
        if bool(request.document) == bool(request.name or request.HasField("spec")):
            raise InvalidRequest(violations=(FieldViolation("document", "set either the document, or name and spec"),))
        if not request.document:
            spec: dict[str, Any] = json_format.MessageToDict(request.spec)
            return Workflow.of_request({"name": request.name, "spec": spec}, self._contracts)
        document = Document.parse(request.document, "", self._contracts)
        if document.kind is not Kind.WORKFLOW:
            raise WorkflowInvalid(violations=(FieldViolation("kind", "must be Workflow; put profiles into the registry", "kind"),))
        return Workflow.of_document(document)

    def _stored(self, workflow: Workflow) -> StoredWorkflow:
        now = self._clock.now()
        steps = tuple(StoredStep(step.name, step.type, str(step.profile), step.depends_on, step.enabled) for step in workflow.steps)
        created_at_ms = int(now.timestamp() * 1000)
        return StoredWorkflow(
            new_id("wf", now), workflow.name, workflow.version, workflow.content_hash, steps, created_at_ms, workflow.schedule
        )
