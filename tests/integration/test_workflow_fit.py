"""A workflow whose records don't fit its dataset is refused when it is stored, over the real wire."""

import json
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import pytest

from chartly.platform.errors import FieldViolation, RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.rpc.clients import Clients
from chartly.v1 import normalizer_pb2, registry_pb2
from chartly.v1 import orchestrator_pb2 as pb

from .pipeline.conftest import PROJECT, Pipeline

StartHost = Callable[..., Awaitable[Host]]
SERVICES = ("registry", "storage", "audit", "normalizer", "coordinator", "orchestrator")
ADA = Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"engineer"}))
NORMALIZER = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {{kind: normalizer, name: {name}, version: 1.0.0, description: A normalizer of a test, owners: ["team:data"]}}
spec:
  canonicalEventType: cases.case
  contract: cases.{name}@1.0.0
  mapping: {{{field}: "$.v"}}
"""
STORAGE = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {{kind: storage, name: {name}, version: 1.0.0, description: A dataset of a test, owners: ["team:data"]}}
spec: {{dataset: {dataset}, {retention}}}
"""
CONNECTOR = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {kind: connector, name: inbox, version: 1.0.0, description: An inbox of a test, owners: ["team:data"]}
spec: {extends: "global::connector/push@1.0.0"}
"""


@pytest.fixture
def as_engineer() -> Generator[None]:
    """Call as an engineer of the project."""
    with scoped(ADA):
        yield


class Project:
    """The project's profiles and workflows."""

    def __init__(self, host: Host) -> None:
        self.pipeline = Pipeline(host)
        self.clients: Clients = host.clients("gateway").acting(ADA)

    async def put(self, kind: str, name: str, document: str) -> None:
        """Store a profile."""
        request = registry_pb2.PutProfileRequest(ref=f"{PROJECT}::{kind}/{name}@1.0.0", document=document)
        await self.clients.registry.PutProfile(request)

    async def normalizer(self, name: str, field: str, schema: dict[str, Any]) -> None:
        """Store a normalizer that maps one field, with its contract."""
        contract = json.dumps({"type": "object", "properties": {field: schema, "type": {"type": "string"}}})
        await self.clients.registry.PutContract(registry_pb2.PutContractRequest(name=f"cases.{name}@1.0.0", schema_json=contract))
        await self.put("normalizer", name, NORMALIZER.format(name=name, field=field))

    async def storage(self, name: str, dataset: str, retention: str = "retentionDays: 30") -> None:
        """Store a storage profile."""
        await self.put("storage", name, STORAGE.format(name=name, dataset=dataset, retention=retention))

    async def commit(self, normalizer: str, storage: str, content: bytes) -> None:
        """Normalize and commit a chunk."""
        await self.pipeline.clients.normalizer.Normalize(
            normalizer_pb2.NormalizeRequest(
                run_id="run-1",
                source_id="inbox",
                raw=await self.pipeline.put_blob(content),
                normalizer=await self.pipeline.frozen(f"normalizer/{normalizer}@1.0.0"),
                storage=await self.pipeline.frozen(f"storage/{storage}@1.0.0"),
                item_key="item",
            )
        )

    async def workflow(self, normalizer: str, storage: str) -> pb.Workflow:
        """Store a workflow of these profiles."""
        request = pb.CreateWorkflowRequest(name=f"{normalizer}-{storage}")
        steps = [
            {"type": "connector_sync", "connector_id": f"{PROJECT}::connector/inbox@1.0.0"},
            {"type": "normalize", "profile": f"{PROJECT}::normalizer/{normalizer}@1.0.0"},
            {"type": "write_dataset", "dataset_id": f"{PROJECT}::storage/{storage}@1.0.0"},
        ]
        request.spec.update({"steps": steps})
        return await self.clients.orchestrator.CreateWorkflow(request)

    async def refusal(self, normalizer: str, storage: str) -> tuple[str, tuple[FieldViolation, ...]]:
        """Return reason and violations of a workflow that is refused."""
        with pytest.raises(RemoteError) as refused:
            await self.workflow(normalizer, storage)
        return refused.value.remote_reason, refused.value.violations


@pytest.mark.usefixtures("as_engineer")
async def test_workflow_that_does_not_fit_its_dataset_is_refused(start_host: StartHost) -> None:
    """Names that differ in case, another type, and a retention by no time are refused with place, column and both types."""
    project = Project(await start_host(*SERVICES))
    await project.put("connector", "inbox", CONNECTOR)
    await project.normalizer("first", "v", {"type": "string"})
    await project.normalizer("upper", "V", {"type": "string"})
    await project.normalizer("whole", "v", {"type": "integer"})
    await project.normalizer("other", "w", {"type": "integer"})
    await project.normalizer("timed", "occurred_at", {"type": "integer"})
    await project.storage("held", "cases")
    await project.storage("fresh", "numbers", "retentionDays: 1, retentionBy: occurred_at")
    await project.commit("first", "held", b'{"v":"a"}\n')

    case, kind, retention = [await project.refusal(*names) for names in (("upper", "held"), ("whole", "held"), ("timed", "fresh"))]

    assert {reason for reason, _ in (case, kind, retention)} == {"PROFILE_INVALID"}
    assert [(each.field, each.reason) for _, found in (case, kind, retention) for each in found] == [
        ("spec.steps.1", "column-case"),
        ("spec.steps.1", "column-type"),
        ("spec.steps.2", "retention-column"),
    ]
    assert "'V' and the dataset's column 'v'" in case[1][0].description
    assert "column 'v' is int64, and string in the dataset" in kind[1][0].description
    assert "int64" in retention[1][0].description
    for names in (("first", "held"), ("other", "held"), ("upper", "fresh")):
        assert (await project.workflow(*names)).workflow_id
