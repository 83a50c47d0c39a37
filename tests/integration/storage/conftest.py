"""Fixtures for storage tests: a storage host and a writer that works as the normalizer does: run the plan, stage its files, commit."""

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chartly.native import Plan
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.rpc.clients import Clients
from chartly.v1 import blob_pb2, commit_pb2, common_pb2, dataset_pb2, maintenance_pb2

CONTRACT: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["event_id", "occurred_at", "amount"],
    "properties": {
        "event_id": {"type": "string"},
        "occurred_at": {"type": "string", "format": "date-time"},
        "amount": {"type": "number", "minimum": 0},
        "customer_id": {"type": "string"},
        "type": {"const": "sales.event"},
    },
}


def profile(policy: str = "first", *, extra: dict[str, str] | None = None) -> dict[str, Any]:
    """A normalizer profile that dedupes by ``event_id``."""
    mapping = {"event_id": "$.id", "occurred_at": "$.at", "amount": "$.amount", "customer_id": "$.customer"}
    return {
        "canonicalEventType": "sales.event",
        "requiredFields": ["event_id", "occurred_at", "amount"],
        "mapping": {**mapping, **(extra or {})},
        "transforms": [{"op": "toNumber", "field": "amount"}, {"op": "toUtcTimestamp", "field": "occurred_at"}],
        "dedupe": {"keys": ["event_id"], "policy": policy},
    }


def sale(number: int, amount: object = "1.50", day: int = 1) -> dict[str, Any]:
    """Return one record as a source sends it."""
    return {
        "id": f"sale_{number:06d}",
        "at": f"2026-02-{day:02d}T12:00:{number % 60:02d}Z",
        "amount": amount,
        "customer": f"c{number % 7}",
    }


def ndjson(records: Iterable[dict[str, Any]]) -> bytes:
    """Return records as the bytes of a blob."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@dataclass
class Writer:
    """Writes chunks as the normalizer does."""

    clients: Clients
    dataset: str = "sales-events"
    policy: str = "first"
    storage: common_pb2.FrozenProfile | None = None
    extra: dict[str, str] | None = None
    extra_contract: dict[str, Any] = field(default_factory=dict[str, Any])
    changes: dict[str, Any] = field(default_factory=dict[str, Any])
    """Of the profile."""

    async def put(self, content: bytes, content_type: str = "application/x-ndjson") -> blob_pb2.PutBlobResponse:
        """Store raw bytes."""

        async def parts() -> AsyncIterator[blob_pb2.PutBlobRequest]:
            yield blob_pb2.PutBlobRequest(header=blob_pb2.BlobHeader(content_type=content_type, source_id="shop"))
            for start in range(0, len(content), 1 << 20):
                yield blob_pb2.PutBlobRequest(data=content[start : start + (1 << 20)])

        return await self.clients.blob.PutBlob(parts())

    async def begin(self, content: bytes, run: str, item: str) -> commit_pb2.BeginWriteResponse:
        """Request a write ticket."""
        return await self.clients.commit.BeginWrite(
            commit_pb2.BeginWriteRequest(
                work_key=hashlib.sha256(content + self.policy.encode()).hexdigest(),
                dataset=self.dataset,
                storage=self.storage,
                mode=commit_pb2.WRITE_MODE_APPEND,
                submission_id=item,
                run_id=run,
            )
        )

    async def push(self, content: bytes, run: str = "run-1", item: str = "") -> commit_pb2.CommitReceipt:
        """Store, normalize and commit a chunk; return its receipt."""
        raw = (await self.put(content)).raw
        begun = await self.begin(content, run, item)
        if begun.HasField("receipt"):
            return begun.receipt
        return (await self.commit(content, raw, begun, run)).receipt

    async def commit(
        self, content: bytes, raw: common_pb2.RawRef, begun: commit_pb2.BeginWriteResponse, run: str
    ) -> commit_pb2.CommitWriteResponse:
        """Run the plan into the ticket's folder, and commit."""
        contract = {**CONTRACT, "properties": {**CONTRACT["properties"], **self.extra_contract}}
        plan = Plan.compile({**profile(self.policy, extra=self.extra), **self.changes}, contract)
        outcome = plan.run(content)
        folder = Path(unquote(urlsplit(begun.staging_uri).path))
        files: dict[str, str] = {}
        for name in ("accepted", "rejected"):
            table = pa.table(pa.RecordBatchReader.from_stream(getattr(outcome, name)))
            if table.num_rows:
                pq.write_table(table, folder / f"{name}.parquet")
                files[name] = f"{name}.parquet"
        return await self.clients.commit.CommitWrite(
            commit_pb2.CommitWriteRequest(
                ticket=begun.ticket,
                accepted_file=files.get("accepted", ""),
                rejected_file=files.get("rejected", ""),
                origin=commit_pb2.ChunkOrigin(
                    run_id=run,
                    source_id="shop",
                    raw=raw,
                    normalizer=common_pb2.FrozenProfile(ref="global::normalizer/sales@1.0.0", hash=f"sha256:{plan.hash}"),
                    records_in=int(outcome.stats["records"]),
                    dedupe_policy=self.policy,
                ),
            )
        )

    async def describe(self) -> dataset_pb2.Dataset:
        """Read the dataset's description."""
        return await self.clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset=self.dataset))

    async def records(self, **asked: Any) -> dataset_pb2.ListDatasetRecordsResponse:
        """Read a page of the dataset."""
        return await self.clients.dataset.ListDatasetRecords(dataset_pb2.ListDatasetRecordsRequest(dataset=self.dataset, **asked))

    async def check(self) -> maintenance_pb2.CheckDatasetResponse:
        """Recompute the dataset."""
        return await self.clients.maintenance.CheckDataset(maintenance_pb2.CheckDatasetRequest(dataset=self.dataset))


@contextmanager
def as_service() -> Generator[None]:
    """Return clients that call as a service for a project."""
    with scoped(Scope.service("normalizer", "tenant-demo", "proj-sales")):
        yield


@pytest.fixture
def make_writer() -> Callable[..., Writer]:
    """Make a writer for a host: ``make_writer(host, dataset="other")``."""

    def make(host: Host, **fields: Any) -> Writer:
        return Writer(host.clients("normalizer"), **fields)

    return make


@pytest.fixture
async def storage(start_host: Callable[..., Awaitable[Host]]) -> AsyncIterator[Host]:
    """A host with storage alone, and a service's scope to call it with."""
    host = await start_host("storage")
    with as_service():
        yield host


@pytest.fixture
def writer(storage: Host) -> Writer:
    """A writer of ``sales-events``."""
    return Writer(storage.clients("normalizer"))


@pytest.fixture
def chunk() -> Callable[..., bytes]:
    """Make a chunk of numbered sales: ``chunk(0, 10, bad=2)`` has two more records that break the contract."""

    def make(start: int, count: int, *, bad: int = 0, amount: object = "1.50", days: int = 1) -> bytes:
        good = [sale(number, amount, 1 + number % days) for number in range(start, start + count)]
        return ndjson([*good, *(sale(number, -1) for number in range(bad))])

    return make
