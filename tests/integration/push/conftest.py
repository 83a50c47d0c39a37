"""A whole platform with a push source: the profiles, a workflow over them, and a client of the hub."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from google.api.httpbody_pb2 import HttpBody

from chartly.drone.worker import DroneWorker
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope
from chartly.platform.names import SERVICES
from chartly.platform.rpc.clients import Clients
from chartly.profiles.packaged import texts
from chartly.v1 import connector_hub_pb2 as hub_pb2
from chartly.v1 import dataset_pb2, orchestrator_pb2, registry_pb2

OURS = "tenant-demo/proj-sales"
SOURCE = "device-push"
DATASET = "device-readings"
# Reports and the edge have no part in it.
INNER = tuple(name for name in SERVICES if name not in ("gateway", "auth", "reporter"))


def reading(number: int, **changes: Any) -> dict[str, Any]:
    """Return a reading as a device sends it."""
    record = {
        "device": f"dev-{number % 7}",
        "sent": f"2026-02-02T12:{number // 60 % 60:02}:{number % 60:02}Z",
        "n": number,
        "celsius": "21.5",
    }
    return record | changes


def lines(records: Sequence[Any]) -> bytes:
    """Return records as NDJSON."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


class Platform:
    """Calls the services as clients of the project do through the edge."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.clients: Clients = host.clients("test").acting(Scope.service("test", "tenant-demo", "proj-sales"))
        self.workflow_id = ""

    async def onboard(self, *, scheduled: bool) -> None:
        """Store the packaged domain and its workflow, which runs only on request unless it is scheduled."""
        folder = "domains/devices/"
        for path, text in sorted(texts().items()):
            file = path.removeprefix(folder).removesuffix(".yaml")
            if path.startswith(folder) and "/" not in file:
                reference = f"{OURS}::{file.replace('-', '/', 1)}"
                await self.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=text))
        document = texts()[f"{folder}workflows/devices-onboard@1.0.0.yaml"]
        if not scheduled:
            document = document.partition("  schedule:")[0]
        made = await self.clients.orchestrator.CreateWorkflow(orchestrator_pb2.CreateWorkflowRequest(document=document))
        self.workflow_id = made.workflow_id

    async def restart(self, host: Host) -> "Platform":
        """Restart the host on the same data and return the platform."""
        platform = Platform(host)
        platform.workflow_id = self.workflow_id
        return platform

    async def push(self, body: bytes, *, content_type: str = "", wait: str = "", key: str = "") -> hub_pb2.IngestResponse:
        """Push bytes."""
        request = hub_pb2.IngestRequest(source_id=SOURCE, body=HttpBody(content_type=content_type, data=body), wait=wait)
        return await self.clients.connector_hub.Ingest(request, metadata=(("x-idempotency-key", key),) if key else ())

    async def run(self) -> orchestrator_pb2.Run:
        """Run the workflow to its end."""
        request = orchestrator_pb2.RunWorkflowRequest(workflow_id=self.workflow_id)
        run = await self.clients.orchestrator.RunWorkflow(request)
        return await self.ended(run.run_id)

    async def drained(self) -> None:
        """Wait until every push is committed."""
        async with asyncio.timeout(120):
            while True:
                if not (await self.source()).HasField("inbox"):
                    return
                await asyncio.sleep(0.1)

    async def ended(self, run_id: str) -> orchestrator_pb2.Run:
        """Wait for a run's end."""
        async with asyncio.timeout(120):
            async for message in self.clients.orchestrator.WatchRun(orchestrator_pb2.WatchRunRequest(run_id=run_id)):
                if message.last:
                    return message.run
        raise AssertionError("the watch ended before the run")

    async def source(self) -> hub_pb2.Source:
        """Read the source."""
        return await self.clients.connector_hub.GetSource(hub_pb2.GetSourceRequest(source_id=SOURCE))

    async def source_or_none(self) -> hub_pb2.Source | None:
        """Read the source; None before its first push."""
        try:
            return await self.source()
        except RemoteError:
            return None

    async def landed(self, pushes: int) -> None:
        """Wait until the inbox has this number of pushes that no run has taken."""
        async with asyncio.timeout(60):
            while True:
                source = await self.source_or_none()
                if source is not None and source.inbox.landed >= pushes:
                    return
                await asyncio.sleep(0.05)

    async def put_connector(self, name: str, base: str, spec: str) -> None:
        """Store a connector of this project."""
        document = f"""
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {{kind: connector, name: {name}, version: 1.0.0, description: Of this test, owners: ["team:tests"]}}
spec:
  extends: "{base}"
  {spec}
"""
        await self.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=f"{OURS}::connector/{name}@1.0.0", document=document))

    async def stream(self, body: bytes, piece_bytes: int) -> hub_pb2.IngestStreamResponse:
        """Push bytes as a stream, in pieces."""

        async def messages() -> AsyncIterator[hub_pb2.IngestStreamRequest]:
            for start in range(0, len(body), piece_bytes):
                source_id = SOURCE if start == 0 else ""
                yield hub_pb2.IngestStreamRequest(source_id=source_id, body=HttpBody(data=body[start : start + piece_bytes]))

        return await self.clients.connector_hub.IngestStream(messages())

    async def dataset(self) -> dataset_pb2.Dataset:
        """Read the dataset."""
        return await self.clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset=DATASET))


@pytest.fixture
async def start_platform(start_host: Callable[..., Awaitable[Host]]) -> AsyncIterator[Callable[..., Awaitable[Platform]]]:
    """Return a function that starts a platform with the domain on it, with a drone unless ``drones`` says otherwise."""
    async with AsyncExitStack() as stack:

        async def start(*, drones: int = 1, scheduled: bool = False, **overrides: Any) -> Platform:
            host = await start_host(*INNER, **overrides)
            platform = Platform(host)
            await platform.onboard(scheduled=scheduled)
            for number in range(drones):
                drone = DroneWorker(host.config, f"drone-{number}")
                await drone.start()
                stack.push_async_callback(drone.stop)
            return platform

        yield start
