# pyright: reportPrivateUsage=false
"""Limits that take effect when a host is built: each test starts a real host with a small limit."""

import asyncio
import itertools
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from chartly.audit.entry import Entry
from chartly.audit.errors import LedgerBusy
from chartly.audit.log import Log
from chartly.audit.service import AuditService
from chartly.platform.blocking import BlockingQueueFull
from chartly.platform.config import Config
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.platform.paths import operator_token_path
from chartly.v1 import auth_pb2
from chartly.v1 import coordinator_pb2 as pb
from tests.integration.test_coordinator import SERVICE, complete, drone, enqueue, finished, lease, wanted

StartHost = Callable[..., Awaitable[Host]]


def operator(host: Host) -> Scope:
    """Return the scope of a call with the local operator's token."""
    token_id, _, _ = operator_token_path(host.config).read_text().partition(".")
    return Scope("user:operator", "tenant-demo", "proj-sales", frozenset({"operator"}), credential=token_id)


def _entry(number: int) -> Entry:
    """Return an event for the ledger."""
    return Entry(f"event-{number}", "dataset.updated", "run_1", "tenant-demo", "proj-sales", b"{}")


def _paused(host: Host) -> Log:
    """Stop the writer of the host's ledger, so that appends wait; return the ledger."""
    service = host.service("audit")
    assert isinstance(service, AuditService)
    log = service._log
    assert log._task is not None
    log._task.cancel()
    return log


async def test_pool_refuses_the_call_after_its_bound(start_host: StartHost) -> None:
    """With one thread and one waiting call, a third blocking call is refused at once."""
    host = await start_host("registry", limits__blocking_threads=1, limits__blocking_waiting_max=1)
    hold = threading.Event()
    running = [asyncio.create_task(host.blocking.run(hold.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(BlockingQueueFull):
        await host.blocking.run(hold.wait)
    hold.set()
    await asyncio.gather(*running)


async def test_tenant_has_at_most_its_number_of_tokens(start_host: StartHost) -> None:
    """A tenant's tokens are created up to tokens_listed_max, the operator's included; the next one is refused."""
    host = await start_host("auth", limits__tokens_listed_max=2)
    clients = host.clients("test")
    request = auth_pb2.CreateTokenRequest(principal="user:ada", roles=["viewer"], projects=["tenant-demo/proj-sales"])
    with scoped(operator(host)):
        await clients.auth.CreateToken(request)
        with pytest.raises(RemoteError) as refused:
            await clients.auth.CreateToken(request)
    assert refused.value.remote_reason == "QUOTA_EXCEEDED"


async def test_token_without_a_lifetime_has_the_default(start_host: StartHost) -> None:
    """A token that is requested without a lifetime expires after token_lifetime_s_default."""
    host = await start_host("auth", limits__token_lifetime_s_default=120)
    with scoped(operator(host)):
        request = auth_pb2.CreateTokenRequest(principal="user:ada", roles=["viewer"], projects=["tenant-demo/proj-sales"])
        made = await host.clients("test").auth.CreateToken(request)
    life_s = (made.token.expires_at.ToDatetime(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
    assert 60 < life_s <= 120


async def test_drone_gets_at_most_its_number_of_leases(start_host: StartHost) -> None:
    """A drone that asks for two items gets drone_leases_max of them."""
    host = await start_host("coordinator", limits__drone_leases_max=1)
    clients = host.clients("test")
    with scoped(Scope.service("test", "tenant-demo", "proj-sales")):
        await enqueue(clients, wanted("a"), wanted("b"))
        assert len(await lease(clients, await drone(clients), count=2)) == 1


async def test_item_is_a_dead_letter_after_its_attempts(start_host: StartHost) -> None:
    """A work item is a dead letter after its work_attempts_max-th failed attempt, and not before."""
    host = await start_host("coordinator", limits__work_attempts_max=2, limits__retry_ms=1)
    clients = host.clients("test")
    with scoped(Scope.service("test", "tenant-demo", "proj-sales")):
        await enqueue(clients, wanted("a"))
        one = await drone(clients)
        states: list[int] = []
        for _ in range(2):
            [held] = await lease(clients, one, wait_ms=10_000)
            failure = pb.FailWorkRequest(
                drone_id=one, work_id=held.item.work_id, lease_id=held.lease_id, reason="INTERNAL", message="it failed", retry_after_ms=1
            )
            states.append((await clients.coordinator.FailWork(failure)).item.state)
    assert states == [pb.WORK_STATE_QUEUED, pb.WORK_STATE_FAILED]


async def test_append_is_refused_when_too_many_wait(start_host: StartHost) -> None:
    """Appends wait for the ledger's writer up to ledger_appends_waiting_max; the next one is refused."""
    host = await start_host("audit", limits__ledger_appends_waiting_max=1)
    log = _paused(host)
    waiting = asyncio.create_task(log.append([_entry(1)]))
    await asyncio.sleep(0)
    with pytest.raises(LedgerBusy):
        await log.append([_entry(2)])
    log._task = asyncio.create_task(log._write())
    assert (await waiting)[0] == [0]


async def test_checkpoint_covers_at_most_a_batch(start_host: StartHost) -> None:
    """Appends that wait together share a checkpoint up to ledger_batch_entries_max entries."""
    host = await start_host("audit", limits__ledger_batch_entries_max=2)
    log = _paused(host)
    waiting = [asyncio.create_task(log.append([_entry(number)])) for number in range(3)]
    await asyncio.sleep(0)
    log._task = asyncio.create_task(log._write())
    assert [size for _, size in await asyncio.gather(*waiting)] == [2, 2, 3]


async def test_checkpoint_covers_at_most_a_batch_of_larger_appends(start_host: StartHost) -> None:
    """Appends whose entries are more than ledger_batch_entries_max in sum, or alone, get several checkpoints within the bound."""
    host = await start_host("audit", limits__ledger_batch_entries_max=4)
    log = _paused(host)
    sizes = (3, 3, 9, 1)
    waiting = [asyncio.create_task(log.append([_entry(10 * place + number) for number in range(size)])) for place, size in enumerate(sizes)]
    await asyncio.sleep(0)
    log._task = asyncio.create_task(log._write())
    answers = await asyncio.gather(*waiting)

    signed = sorted(head.size for head in log._entries.remembered("any", 100))
    assert signed[-1] == sum(sizes)
    assert max(after - before for before, after in itertools.pairwise(signed)) == 4
    assert [indexes for indexes, _ in answers] == [list(range(3)), list(range(3, 6)), list(range(6, 15)), [15]]
    assert all(size > indexes[-1] for indexes, size in answers)


async def test_ended_work_is_deleted_after_its_retention(make_config: Callable[..., Config]) -> None:
    """Completed work is listed for work_retention_s after its end; a millisecond later it is deleted. Open work stays."""
    clock = FixedClock()
    remaining: list[int] = []
    for age_ms in (0, 10_000, 10_001):
        clock.now_ms = FixedClock.START_MS + age_ms
        host = Host(make_config(limits__work_retention_s=10, limits__internal_token_s=3_600), ("coordinator",), clock)
        async with host:
            clients = host.clients("test")
            with scoped(SERVICE):
                if age_ms == 0:
                    await enqueue(clients, wanted("ended"), wanted("open"))
                    one = await drone(clients)
                    [held] = await lease(clients, one)
                    await complete(clients, one, held)
                stats = await clients.coordinator.GetQueueStats(pb.GetQueueStatsRequest())
                assert stats.queued_items == 1
                remaining.append(len(await finished(clients)))
    assert remaining == [1, 1, 0]


class FixedClock:
    """A clock that stands still at the time that the test sets."""

    START_MS = 1_800_000_000_000

    def __init__(self) -> None:
        self.now_ms = self.START_MS

    def now(self) -> datetime:
        """Return the time that was set."""
        return datetime.fromtimestamp(self.now_ms / 1000, UTC)

    def monotonic_s(self) -> float:
        """Return the machine's monotonic time."""
        return time.monotonic()
