"""The steps of a reprocess for tests that run storage alone: the normalizer's part, with the new plan over each chunk, is done here."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from chartly.native import Plan
from chartly.platform.rpc.clients import Clients
from chartly.v1 import blob_pb2, common_pb2, reprocess_pb2

from .conftest import CONTRACT, profile


class ReprocessSteps:
    """A reprocess of ``sales-events`` with another version of its normalizer profile."""

    def __init__(
        self, clients: Clients, *, policy: str = "first", name: str = "rp-1", dataset: str = "sales-events", **changes: Any
    ) -> None:
        self.clients = clients
        self.policy = policy
        self.name = name
        self.dataset = dataset
        self.changes = changes
        self.plan = Plan.compile({**profile(policy), **changes}, CONTRACT)
        self.normalizer = common_pb2.FrozenProfile(ref="global::normalizer/sales@2.0.0", hash=f"sha256:{self.plan.hash}")

    async def prepare(self, **scope: Any) -> reprocess_pb2.PlanReprocessResponse:
        """Plan the reprocess."""
        request = reprocess_pb2.PlanReprocessRequest(
            reprocess_id=self.name, dataset=self.dataset, scope=reprocess_pb2.ReprocessScope(normalizer=self.normalizer, **scope)
        )
        return await self.clients.reprocess.PlanReprocess(request)

    async def stage(self, chunks: int) -> None:
        """Normalize and stage all chunks."""
        for place in range(chunks):
            begun = await self.clients.reprocess.BeginReprocessChunk(
                reprocess_pb2.BeginReprocessChunkRequest(reprocess_id=self.name, place=place)
            )
            if not begun.ticket:
                continue
            raw = bytearray()
            async for part in self.clients.blob.GetBlob(blob_pb2.GetBlobRequest(sha256=begun.raw.sha256)):
                raw += part.data
            outcome = self.plan.run(bytes(raw))
            folder = Path(unquote(urlsplit(begun.staging_uri).path))
            files: dict[str, str] = {}
            for name in ("accepted", "rejected"):
                table = pa.table(pa.RecordBatchReader.from_stream(getattr(outcome, name)))
                if table.num_rows:
                    pq.write_table(table, folder / f"{name}.parquet")
                    files[name] = f"{name}.parquet"
            request = reprocess_pb2.CommitReprocessChunkRequest(
                ticket=begun.ticket,
                accepted_file=files.get("accepted", ""),
                rejected_file=files.get("rejected", ""),
                records=int(outcome.stats["records"]),
                dedupe_policy=self.policy,
            )
            await self.clients.reprocess.CommitReprocessChunk(request)

    async def compare(self) -> reprocess_pb2.Reprocess:
        """Compare the staged records with the dataset."""
        last = reprocess_pb2.Reprocess()
        async for message in self.clients.reprocess.DiffReprocess(reprocess_pb2.DiffReprocessRequest(reprocess_id=self.name)):
            last = message.reprocess
        return last

    async def dry_run(self, **scope: Any) -> reprocess_pb2.Reprocess:
        """Plan, stage and compare."""
        await self.stage((await self.prepare(**scope)).chunks)
        return await self.compare()

    async def apply(self) -> reprocess_pb2.Reprocess:
        """Apply the reprocess: its records become the dataset's next version."""
        last = reprocess_pb2.Reprocess()
        async for message in self.clients.reprocess.ApplyReprocess(
            reprocess_pb2.ApplyReprocessRequest(reprocess_id=self.name, run_id="run-rp")
        ):
            last = message.reprocess
        return last
