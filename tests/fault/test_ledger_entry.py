"""Each version of a dataset has one ledger entry, although the caller disconnects or the process dies right after the commit."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chartly.platform.clock import SystemClock
from chartly.platform.config import Config, load
from chartly.platform.errors import RemoteError
from chartly.platform.identity.scope import Scope
from chartly.platform.identity.tokens import InternalTokens, internal_key
from chartly.platform.rpc.clients import Channels, Clients
from chartly.storage.commit.failpoints import CommitFailpoint
from chartly.v1 import audit_pb2, common_pb2, dataset_pb2, normalizer_pb2
from tests.integration.pipeline.conftest import Pipeline, page, sale

from .installation import until
from .process import hold, holds, let_go, order

_PROCESS = Path(__file__).with_name("process.py")
_READY_S = 120.0
# The ledger has an event some milliseconds after its commit; a machine that is a hundred times slower stays below.
_DELIVERED_S = 15.0
# A cancellation goes over two sockets of one process.
_CANCELLED_S = 0.5
# After which an entry that would come a second time has come.
_SETTLED_S = 1.0


@dataclass
class Plane:
    """Registry, storage, ledger and normalizer in one real process that can be killed and restarted."""

    config: Config
    orders: Path
    channels: Channels
    pipeline: Pipeline
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process, and wait until it answers."""
        arguments = ["serve", "registry", "storage", "audit", "normalizer", "--data", self.config.data_dir]
        # Without the edge the log's name must be given.
        environment = {**os.environ, "CHARTLY_AUDIT_ORIGIN": "127.0.0.1/v1/audit/log"}
        self.process = await asyncio.create_subprocess_exec(sys.executable, str(_PROCESS), str(self.orders), *arguments, env=environment)
        async with asyncio.timeout(_READY_S):
            while True:
                assert self.process.returncode is None
                with contextlib.suppress(RemoteError):
                    await self.pipeline.clients.dataset.GetStorageUsage(dataset_pb2.GetStorageUsageRequest())
                    return
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Stop the process, if it runs."""
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()

    async def normalize(self, raw: common_pb2.RawRef, item: str) -> normalizer_pb2.NormalizeResponse:
        """Normalize and commit a page of sales."""
        return await self.pipeline.clients.normalizer.Normalize(
            normalizer_pb2.NormalizeRequest(
                run_id="run_1",
                source_id="sales-http",
                raw=raw,
                normalizer=await self.pipeline.frozen("normalizer/sales-default@1.1.0"),
                storage=await self.pipeline.frozen("storage/sales-events@1.0.0"),
                item_key=item,
            )
        )

    async def version(self) -> int:
        """Return the dataset's version."""
        return (await self.pipeline.clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="sales-events"))).version

    async def entries(self) -> list[int]:
        """Return the versions with a ledger entry, in the order of the ledger."""
        listed = await self.pipeline.clients.audit.ListEvents(audit_pb2.ListEventsRequest(type="dataset.updated"))
        return [int(event.details.fields["dataset_version"].number_value) for event in listed.events]

    async def delivered(self, versions: list[int]) -> list[int]:
        """Wait for the entries of ``versions``; return the ledger's versions at the end of the wait."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DELIVERED_S):
                while sorted(await self.entries()) != versions:  # noqa: ASYNC110 - another process has them
                    await asyncio.sleep(0.1)
        await asyncio.sleep(_SETTLED_S)
        return sorted(await self.entries())


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncGenerator[Plane]:
    """Run the process on a new data directory."""
    config = load(environment={}, overrides={"data_dir": str(folder / "data")})
    config.data_path.mkdir(parents=True)
    orders = folder / "orders"
    orders.mkdir()
    channels = Channels(config)
    tokens = InternalTokens(internal_key(config), SystemClock(), config.limits.internal_token_s)
    pipeline = Pipeline.__new__(Pipeline)
    pipeline.clients = Clients("orchestrator", config, channels, tokens).acting(Scope.service("orchestrator", "tenant-demo", "proj-sales"))
    plane = Plane(config, orders, channels, pipeline)
    try:
        await plane.start()
        await pipeline.put_domain("sales")
        yield plane
    finally:
        await plane.stop()
        await channels.close()


@pytest.mark.timeout(300)
async def test_cancelled_commit_has_its_ledger_entry(tmp_path: Path) -> None:
    """A commit whose caller disconnects during it makes a version with one ledger entry."""
    async with running(tmp_path) as plane:
        raw = await plane.pipeline.put_blob(page([sale(1), sale(2)]))
        hold(plane.orders, CommitFailpoint.ROW_COMMITTED)
        call = asyncio.create_task(plane.normalize(raw, "run_1/0"))
        await until(lambda: holds(plane.orders, CommitFailpoint.ROW_COMMITTED))
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await asyncio.sleep(_CANCELLED_S)
        let_go(plane.orders, CommitFailpoint.ROW_COMMITTED)
        assert await plane.version() == 1
        assert await plane.delivered([1]) == [1]


@pytest.mark.timeout(300)
async def test_killed_commit_has_its_ledger_entry(tmp_path: Path) -> None:
    """A process that dies right after its commit leaves a version with one ledger entry, also when the chunk is repeated."""
    async with running(tmp_path) as plane:
        raw = await plane.pipeline.put_blob(page([sale(1), sale(2)]))
        order(plane.orders, CommitFailpoint.ROW_COMMITTED, 1)
        with pytest.raises(RemoteError):
            await plane.normalize(raw, "run_1/0")
        assert plane.process is not None
        assert await plane.process.wait() == -signal.SIGKILL
        await plane.start()
        assert await plane.version() == 1
        assert await plane.delivered([1]) == [1]
        await plane.normalize(raw, "run_1/0")
        assert await plane.delivered([1]) == [1]
