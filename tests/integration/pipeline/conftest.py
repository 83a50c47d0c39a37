"""Fixtures of the pipeline's tests: a project, its packaged profiles, and blobs to normalize."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope
from chartly.platform.rpc.clients import Clients
from chartly.profiles.packaged import texts
from chartly.v1 import blob_pb2, common_pb2, registry_pb2

PROJECT = "tenant-demo/proj-sales"
ENGINEER = Scope("user:ada", "tenant-demo", "proj-sales", frozenset({"engineer"}))


def sale(number: int, **changes: Any) -> dict[str, Any]:
    """Return a sale as the source sends it."""
    record: dict[str, Any] = {
        "id": f"sale_{number:03d}",
        "timestamp": "2026-02-02T12:00:00Z",
        "totals": {"amount": "19.99", "currency": "USD"},
        "customer": {"id": "cust_123"},
    }
    return record | changes


def page(records: Sequence[Any]) -> bytes:
    """Return a page of the source."""
    return json.dumps({"items": list(records), "next_cursor": None}).encode()


class Pipeline:
    """Calls the services of the pipeline as an engineer of the project does."""

    def __init__(self, host: Host) -> None:
        self.clients: Clients = host.clients("orchestrator").acting(Scope.service("orchestrator", "tenant-demo", "proj-sales"))

    async def put_domain(self, name: str) -> None:
        """Store a packaged domain's profiles."""
        folder = f"domains/{name}/"
        for path, text in sorted(texts().items()):
            file = path.removeprefix(folder).removesuffix(".yaml")
            if path.startswith(folder) and "/" not in file:
                reference = f"{PROJECT}::{file.replace('-', '/', 1)}"
                await self.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=text))

    async def frozen(self, reference: str) -> common_pb2.FrozenProfile:
        """Resolve a reference of the project."""
        answer = await self.clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=f"{PROJECT}::{reference}"))
        return answer.frozen

    async def put_blob(self, content: bytes) -> common_pb2.RawRef:
        """Store raw bytes."""

        async def messages() -> AsyncIterator[blob_pb2.PutBlobRequest]:
            yield blob_pb2.PutBlobRequest(header=blob_pb2.BlobHeader(content_type="application/json", source_id="sales-http"))
            yield blob_pb2.PutBlobRequest(data=content)

        return (await self.clients.blob.PutBlob(messages())).raw


@pytest.fixture
def pipeline() -> type[Pipeline]:
    """The class, for tests that start their own hosts."""
    return Pipeline
