"""After a kill of the storage process at any failpoint of a commit, the dataset is the same as after an undisturbed run."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from chartly.platform.clock import SystemClock
from chartly.platform.config import Config
from chartly.platform.errors import RemoteError
from chartly.platform.identity.scope import Scope
from chartly.platform.identity.tokens import InternalTokens, internal_key
from chartly.platform.rpc.clients import Channels, Clients
from chartly.storage.commit.failpoints import COMMIT, CommitFailpoint
from chartly.v1 import commit_pb2, dataset_pb2, quarantine_pb2

from .conftest import Writer, ndjson, sale

HOST = Path(__file__).with_name("storage_host.py")
READY_S = 120.0

# Overlaps, conflicts by policy, bad records, a chunk of bad records alone, and a repeated page.
CHUNKS = {
    "item-0": ndjson([*(sale(n) for n in range(40)), sale(1, -1)]),
    "item-1": ndjson([*(sale(n) for n in range(30, 70)), *(sale(n, "9") for n in range(5)), sale(2, "x")]),
    "item-2": ndjson([sale(3, -1), sale(4, None)]),
    "item-3": ndjson([sale(n) for n in range(60, 100)]),
    "item-4": ndjson([sale(n) for n in range(60, 100)]),
}


class Process:
    """A storage process over one data directory."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._running: asyncio.subprocess.Process | None = None
        self.channels = Channels(config)
        tokens = InternalTokens(internal_key(config), SystemClock(), config.limits.internal_token_s)
        scope = Scope.service("normalizer", "tenant-demo", "proj-sales")
        self.clients = Clients("normalizer", config, self.channels, tokens).acting(scope)

    async def start(self, *kill: str) -> None:
        """Start the process and wait until it answers or has died."""
        self._running = await asyncio.create_subprocess_exec(sys.executable, str(HOST), self._config.data_dir, *kill)
        async with asyncio.timeout(READY_S):
            while self._running.returncode is None:
                with contextlib.suppress(RemoteError):
                    await self.clients.dataset.GetStorageUsage(dataset_pb2.GetStorageUsageRequest())
                    return
                await asyncio.sleep(0.05)

    async def died(self) -> bool:
        """Wait for the process to end; return whether it was killed."""
        assert self._running is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._running.wait()
        return self._running.returncode == -signal.SIGKILL

    async def stop_only(self) -> None:
        """Stop the process without closing the clients, to start it again."""
        if self._running is not None and self._running.returncode is None:
            self._running.terminate()
            await self._running.wait()

    async def stop(self) -> None:
        """Stop the process and close the clients."""
        await self.stop_only()
        await self.channels.close()


@pytest.fixture
async def start_process(make_config: Callable[..., Config]) -> AsyncIterator[Callable[..., Any]]:
    """Start a storage process that is killed at ``(point, nth)``, if that is set."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(*kill: str) -> Process:
            process = Process(make_config())
            stack.push_async_callback(process.stop)
            await process.start(*kill)
            return process

        yield start


async def push_all(process: Process) -> dict[str, commit_pb2.CommitReceipt]:
    """Push each chunk as its work item. Return the receipts of those that succeed."""
    writer = Writer(process.clients, policy="quarantine")
    receipts: dict[str, commit_pb2.CommitReceipt] = {}
    for item, content in CHUNKS.items():
        try:
            receipts[item] = await writer.push(content, item=item)
        except RemoteError:
            break
    return receipts


async def summary(process: Process, receipts: dict[str, commit_pb2.CommitReceipt]) -> dict[str, Any]:
    """Return the state that must not depend on kills."""
    writer = Writer(process.clients, policy="quarantine")
    dataset = await writer.describe()
    listed = await process.clients.quarantine.ListQuarantinedRecords(quarantine_pb2.ListQuarantinedRecordsRequest(page_size=1000))
    records = await writer.records(page_size=1000)
    return {
        "content_hash": dataset.content_hash,
        "rows": dataset.rows,
        "version": dataset.version,
        "counts": str(dataset.counts),
        "answers": {item: str(receipt.counts) for item, receipt in receipts.items()},
        "records": sorted(str(record["record_id"]) for record in records.records),
        "quarantined": sorted(record.quarantine_id for record in listed.records),
        "faults": list((await writer.check()).faults),
    }


_undisturbed: dict[str, Any] = {}


@pytest.fixture
async def undisturbed(tmp_path: Path, make_config: Callable[..., Config]) -> dict[str, Any]:
    """Return the summary of a run without kills, computed once for all tests of this file."""
    if not _undisturbed:
        process = Process(make_config(data_dir=str(tmp_path / "undisturbed")))
        try:
            await process.start()
            _undisturbed.update(await summary(process, await push_all(process)))
        finally:
            await process.stop()
    return _undisturbed


# The second time at every point; the first, where tables are created, where that makes a difference.
KILLS = [*((point, "2") for point in COMMIT), (CommitFailpoint.ROW_PREPARED, "1"), (CommitFailpoint.QUARANTINE_COMMITTED, "1")]


@pytest.mark.parametrize(("point", "nth"), KILLS)
async def test_kill_at_a_point_changes_nothing(
    point: CommitFailpoint, nth: str, start_process: Callable[..., Any], undisturbed: dict[str, Any]
) -> None:
    """After a kill at the point and a restart, the same work items make the same dataset, receipts and quarantine."""
    process = await start_process(point.value, nth)
    await push_all(process)
    assert await process.died()
    await process.start()
    assert await summary(process, await push_all(process)) == undisturbed
    assert undisturbed["faults"] == []


# Distinct keys, so that no answer depends on who came first; each with a duplicate, a conflict and a bad record of its own.
SMALL = {
    f"small-{n}": ndjson([*(sale(100 * n + m) for m in range(10)), sale(100 * n), sale(100 * n + 1, "9"), sale(100 * n + 50, -1)])
    for n in range(6)
}


async def push_at_once(process: Process) -> dict[str, commit_pb2.CommitReceipt]:
    """Push all small chunks concurrently. Return the receipts of those that succeed."""
    writer = Writer(process.clients, policy="quarantine")
    outcomes = await asyncio.gather(*(writer.push(content, item=item) for item, content in SMALL.items()), return_exceptions=True)
    receipts: dict[str, commit_pb2.CommitReceipt] = {}
    for item, outcome in zip(SMALL, outcomes, strict=True):
        if isinstance(outcome, commit_pb2.CommitReceipt):
            receipts[item] = outcome
        elif not isinstance(outcome, RemoteError):
            raise outcome
    return receipts


_one_by_one: dict[str, Any] = {}


@pytest.fixture
async def one_by_one(tmp_path: Path, make_config: Callable[..., Config]) -> dict[str, Any]:
    """Return the summary of the small chunks, pushed one after the other without a kill."""
    if not _one_by_one:
        process = Process(make_config(data_dir=str(tmp_path / "one-by-one")))
        try:
            await process.start()
            writer = Writer(process.clients, policy="quarantine")
            receipts = {item: await writer.push(content, item=item) for item, content in SMALL.items()}
            _one_by_one.update(await summary(process, receipts))
        finally:
            await process.stop()
    return _one_by_one


@pytest.mark.parametrize("point", COMMIT)
async def test_kill_during_a_group_commit(point: CommitFailpoint, start_process: Callable[..., Any], one_by_one: dict[str, Any]) -> None:
    """After a kill during a group commit each chunk is committed once, with the receipt of a chunk that is committed alone."""
    process = await start_process(point.value, "2", "hold_s=1.5")
    await push_at_once(process)
    assert await process.died()
    await process.start()
    assert await summary(process, await push_at_once(process)) == one_by_one
    assert one_by_one["faults"] == []


async def test_killed_again_while_recovering(start_process: Callable[..., Any], undisturbed: dict[str, Any]) -> None:
    """A commit whose recovery is killed at a later point at each start is finished by the last start."""
    process = await start_process(CommitFailpoint.ROW_PREPARED.value, "2")
    await push_all(process)
    assert await process.died()
    for point in (CommitFailpoint.QUARANTINE_COMMITTED, CommitFailpoint.TABLE_COMMITTED, CommitFailpoint.INDEX_APPLIED):
        await process.start(point.value, "1")
        assert await process.died()
    await process.start()
    assert await summary(process, await push_all(process)) == undisturbed
