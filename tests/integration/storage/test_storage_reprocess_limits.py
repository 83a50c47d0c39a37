# pyright: reportPrivateUsage=false
"""The limits of reprocess jobs, each at its bound."""

import asyncio
import errno
import os
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chartly.platform.clock import SystemClock
from chartly.platform.config import Config
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.rpc.clients import Clients
from chartly.storage.errors import StoreUnavailable
from chartly.storage.service import StorageService
from chartly.v1 import commit_pb2, common_pb2, reprocess_pb2

from .conftest import Writer, as_service, ndjson, sale
from .reprocess_steps import ReprocessSteps

StartHost = Callable[..., Awaitable[Host]]
# Every record changes, since its amount is doubled.
DOUBLED: dict[str, Any] = {
    "transforms": [
        {"op": "toNumber", "field": "amount"},
        {"op": "multiply", "field": "amount", "value": 2},
        {"op": "toUtcTimestamp", "field": "occurred_at"},
    ]
}


class ShiftedClock(SystemClock):
    """The machine's clock, some seconds ahead."""

    ahead_s = 0

    def now(self) -> datetime:
        """Return the shifted time."""
        return super().now() + timedelta(seconds=self.ahead_s)


async def exists(clients: Clients, name: str) -> bool:
    """Return whether storage still has a reprocess."""
    try:
        await clients.reprocess.GetReprocess(reprocess_pb2.GetReprocessRequest(dataset="sales-events", reprocess_id=name))
    except RemoteError as unknown:
        if unknown.remote_reason != "REPROCESS_UNKNOWN":
            raise
        return False
    return True


async def loaded(host: Host, chunks: int) -> Writer:
    """Commit chunks of two records each, and return their writer."""
    writer = Writer(host.clients("normalizer"))
    for number in range(chunks):
        await writer.push(ndjson([sale(2 * number), sale(2 * number + 1)]), item=f"item-{number}")
    return writer


async def test_reprocess_has_at_most_its_number_of_chunks(start_host: StartHost) -> None:
    """A reprocess of reprocess_chunks_max chunks is planned; one chunk more is refused."""
    host = await start_host("storage", limits__reprocess_chunks_max=2)
    with as_service():
        await loaded(host, 2)
        planned = await ReprocessSteps(host.clients("normalizer"), name="rp-1").prepare()
        assert planned.chunks == 2
        await loaded(host, 3)
        with pytest.raises(RemoteError) as refused:
            await ReprocessSteps(host.clients("normalizer"), name="rp-2").prepare()
    assert (refused.value.remote_reason, refused.value.retry_after_s) == ("QUERY_LIMIT", None)


async def test_project_keeps_at_most_its_number_of_jobs(start_host: StartHost) -> None:
    """At reprocesses_kept_max a new plan deletes the oldest job, and a repeated plan deletes none."""
    host = await start_host("storage", limits__reprocesses_kept_max=2)
    clients = host.clients("normalizer")

    with as_service():
        await loaded(host, 1)
        for name in ("rp-1", "rp-2"):
            await ReprocessSteps(clients, name=name).prepare()
        await ReprocessSteps(clients, name="rp-1").prepare()
        assert [await exists(clients, name) for name in ("rp-1", "rp-2")] == [True, True]
        await ReprocessSteps(clients, name="rp-3").prepare()
        assert [await exists(clients, name) for name in ("rp-1", "rp-2", "rp-3")] == [False, True, True]


async def test_samples_are_bounded_for_each_kind_of_change(start_host: StartHost) -> None:
    """Of four changed records, reprocess_samples_max are shown."""
    host = await start_host("storage", limits__reprocess_samples_max=2)
    with as_service():
        await loaded(host, 2)
        clients = host.clients("normalizer")
        compared = await ReprocessSteps(clients, **DOUBLED).dry_run()
        found = await clients.reprocess.GetReprocess(reprocess_pb2.GetReprocessRequest(dataset="sales-events", reprocess_id="rp-1"))
    assert compared.diff.changed == 4
    assert [sample.change for sample in found.samples] == ["changed", "changed"]


async def test_ticket_lives_for_its_time(start_host: StartHost) -> None:
    """A write ticket expires write_ticket_s after BeginWrite."""
    host = await start_host("storage", limits__write_ticket_s=90)
    with as_service():
        begun = await host.clients("normalizer").commit.BeginWrite(
            commit_pb2.BeginWriteRequest(
                dataset="sales-events",
                work_key="a" * 64,
                submission_id="item-1",
                storage=common_pb2.FrozenProfile(ref="global::storage/sales-events@1.0.0", hash="sha256:" + "0" * 64),
                mode=commit_pb2.WRITE_MODE_APPEND,
            )
        )
    life = begun.expires_at.ToDatetime(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(seconds=60) < life <= timedelta(seconds=90)


async def test_expired_reprocess_is_deleted_without_another_plan(make_config: Callable[..., Config]) -> None:
    """A reprocess stays until reprocess_retention_s; then a periodic pass deletes its row and its staged files."""
    clock = ShiftedClock()
    config = make_config(limits__reprocess_retention_s=3600, limits__retention_every_s=1)
    async with Host(config, ["storage"], clock) as host:
        clients = host.clients("normalizer")
        folder = config.data_path / "reprocess" / "tenant-demo" / "proj-sales" / "rp-1"
        with as_service():
            await loaded(host, 1)
            await ReprocessSteps(clients).dry_run()
            clock.ahead_s = 3600 - 120
            await asyncio.sleep(2.5)
            assert await exists(clients, "rp-1")
            assert list(folder.rglob("*.parquet"))
            clock.ahead_s = 3600 + 1
            async with asyncio.timeout(30):
                while await exists(clients, "rp-1"):  # noqa: ASYNC110 - a background pass deletes it
                    await asyncio.sleep(0.1)
    assert not folder.exists()


async def test_reprocess_that_was_deleted_by_half_is_deleted_by_the_next_pass(
    start_host: StartHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job whose files can't be deleted keeps its row, so that the next pass finds both."""
    host = await start_host("storage", limits__reprocess_retention_s=1)
    service = host.service("storage")
    assert isinstance(service, StorageService)
    jobs, folder = service._reprocess_jobs, host.config.data_path / "reprocess" / "tenant-demo" / "proj-sales" / "rp-1"
    with as_service():
        await loaded(host, 1)
        await ReprocessSteps(host.clients("normalizer")).dry_run()

    def fail(_: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    await asyncio.sleep(1.1)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", fail)
        [job] = jobs.expired()
        with pytest.raises(StoreUnavailable):
            jobs.delete(job)
    assert folder.exists()
    [job] = jobs.expired()
    jobs.delete(job)
    assert not folder.exists()
    assert jobs.expired() == []


@pytest.mark.parametrize(("memory_bytes", "enough"), [(1 << 16, False), (64 << 20, True)])
async def test_comparison_has_at_most_its_memory(memory_bytes: int, enough: bool, start_host: StartHost) -> None:  # noqa: FBT001 - a parameter
    """A dry run and a rollback use at most reprocess_memory_bytes; if that is not enough, the answer is QUERY_LIMIT."""
    host = await start_host("storage", limits__reprocess_memory_bytes=memory_bytes)
    reasons: list[str] = []
    with as_service():
        await loaded(host, 2)
        clients = host.clients("normalizer")
        for call in (
            ReprocessSteps(clients, **DOUBLED).dry_run(),
            clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=1, dry_run=True)),
        ):
            try:
                await call
            except RemoteError as refused:
                reasons.append(refused.remote_reason)
    assert reasons == ([] if enough else ["QUERY_LIMIT", "QUERY_LIMIT"])
