"""The engine with a failing database, cancelled callers, and a second engine."""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from chartly.coordinator.domain.batch import Batch
from chartly.coordinator.domain.model import WorkItem
from chartly.coordinator.engine import QueueEngine
from chartly.coordinator.errors import QueueNotHeld, Superseded
from chartly.coordinator.handlers import CoordinatorHandlers
from chartly.coordinator.service import fleet_rules, queue_rules
from chartly.platform.blocking import Blocking
from chartly.platform.clock import SystemClock
from chartly.platform.config import Config, Limits
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.database import MetadataUnavailable
from chartly.platform.metadata.migrate import migrate
from chartly.platform.telemetry.log import Logger
from chartly.v1 import coordinator_pb2 as pb

from .conftest import MakeItem

TIMEOUT_S = 10


class FailingMetadata(Metadata):
    """The real database. Its next write transactions fail as ``failures`` says, before they begin or after their commit."""

    def __init__(self, config: Config, blocking: Blocking) -> None:
        super().__init__(config, blocking)
        self.failures: list[tuple[str, Exception]] = []

    async def write(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Write, or fail."""
        when, failure = self.failures.pop(0) if self.failures else ("", None)
        if failure is not None and when == "before":
            raise failure
        result = await super().write(function, *args, **kwargs)
        if failure is not None:
            raise failure
        return result


MakeEngine = Callable[[], Awaitable[tuple[QueueEngine, FailingMetadata]]]


@pytest.fixture
async def make_engine(make_config: Callable[..., Config]) -> AsyncIterator[MakeEngine]:
    """Start engines on one database; each has connections of its own."""
    limits = Limits()
    async with AsyncExitStack() as stack:

        async def make() -> tuple[QueueEngine, FailingMetadata]:
            blocking = Blocking(4, 100)
            stack.callback(blocking.close)
            metadata = FailingMetadata(make_config(), blocking)
            stack.callback(metadata.close)
            migrate(metadata)
            engine = QueueEngine(metadata, SystemClock(), Logger("test"), queue_rules(limits), fleet_rules(limits), 1_000)
            await engine.start()
            stack.push_async_callback(engine.stop)
            return engine, metadata

        yield make


async def serves(engine: QueueEngine) -> None:
    """Wait until a command succeeds."""
    async with asyncio.timeout(TIMEOUT_S):
        while True:
            try:
                await engine.do(lambda _: None)
            except (QueueNotHeld, Superseded):
                await asyncio.sleep(0.01)
            else:
                return


def register(batch: Batch) -> str:
    """Register the only drone."""
    return batch.register("one", frozenset()).drone_id


@asynccontextmanager
async def held_batch(engine: QueueEngine) -> AsyncGenerator["asyncio.Task[str]"]:
    """Hold a batch on its thread until the block ends. Yield the call of its command."""
    begun, release = threading.Event(), threading.Event()

    def command(_: Batch) -> str:
        begun.set()
        release.wait(TIMEOUT_S)
        return "written"

    task = asyncio.create_task(engine.do(command))
    await asyncio.to_thread(begun.wait, TIMEOUT_S)
    try:
        yield task
    finally:
        release.set()


async def test_engine_survives_an_unexpected_error_while_it_reads_the_queue(make_engine: MakeEngine) -> None:
    """After an unexpected error while the engine reads the queue, a later command succeeds."""
    engine, metadata = await make_engine()
    metadata.failures = [("before", RuntimeError("batch")), ("before", RuntimeError("read"))]
    async with asyncio.timeout(TIMEOUT_S):
        with pytest.raises(RuntimeError):
            await engine.do(register)
    await serves(engine)


async def test_commands_are_refused_while_the_queue_is_unreadable(make_engine: MakeEngine) -> None:
    """While reads fail, commands are refused at once with the cause."""
    engine, metadata = await make_engine()
    metadata.failures = [("before", MetadataUnavailable("away"))] * 100
    async with asyncio.timeout(TIMEOUT_S):
        with pytest.raises(MetadataUnavailable):
            await engine.do(register)
        with pytest.raises(QueueNotHeld):
            await engine.do(register)
    assert engine.refusal is not None
    metadata.failures = []
    await serves(engine)
    assert engine.refusal is None


async def test_own_takeover_without_an_answer_is_recognised(make_engine: MakeEngine) -> None:
    """After a takeover that was committed, but whose answer was lost, the engine still owns the queue."""
    engine, metadata = await make_engine()
    metadata.failures = [("before", MetadataUnavailable("batch")), ("after", MetadataUnavailable("answer lost"))]
    async with asyncio.timeout(TIMEOUT_S):
        with pytest.raises(MetadataUnavailable):
            await engine.do(register)
    await serves(engine)


async def test_ended_task_refuses_commands(make_engine: MakeEngine) -> None:
    """When the engine's task has ended, commands are refused instead of waiting for ever."""
    engine, _ = await make_engine()
    await engine.stop()
    async with asyncio.timeout(TIMEOUT_S):
        with pytest.raises(QueueNotHeld):
            await engine.do(register)
    assert engine.refusal is not None


async def test_cancelled_command_is_skipped(make_engine: MakeEngine) -> None:
    """A command whose caller is cancelled before its batch begins is not run."""
    engine, _ = await make_engine()
    ran: list[str] = []
    async with held_batch(engine):
        waiting = asyncio.create_task(engine.do(lambda _: ran.append("cancelled")))
        await asyncio.sleep(0)
        waiting.cancel()
    await engine.do(lambda _: ran.append("next"))
    assert ran == ["next"]


async def test_lease_of_a_cancelled_call_is_given_back(make_engine: MakeEngine, make_item: MakeItem) -> None:
    """After a LeaseWork that is cancelled while its batch is written, its item is ready and counts no lost lease."""
    engine, metadata = await make_engine()
    drone_id = await engine.do(register)
    await engine.do(lambda batch: batch.enqueue([make_item()]))
    handlers = CoordinatorHandlers(engine, metadata, None, Limits())  # type: ignore[arg-type] - LeaseWork signs nothing before it has leases
    writing, release = threading.Event(), threading.Event()
    write = metadata.write

    async def slow(function: Callable[..., Any], *args: Any) -> Any:
        def held(*inner: Any) -> Any:
            result = function(*inner)
            writing.set()
            release.wait(TIMEOUT_S)
            return result

        return await write(held, *args)

    metadata.write = slow  # type: ignore[method-assign]
    call = asyncio.create_task(handlers.LeaseWork(pb.LeaseWorkRequest(drone_id=drone_id), None))  # type: ignore[arg-type]
    await asyncio.to_thread(writing.wait, TIMEOUT_S)
    call.cancel()
    await asyncio.wait([call])
    metadata.write = write  # type: ignore[method-assign]
    release.set()

    def leased_now(batch: Batch) -> list[WorkItem]:
        return batch.lease(drone_id, 1, frozenset())

    async with asyncio.timeout(TIMEOUT_S):
        while not (found := await engine.do(leased_now)):  # noqa: ASYNC110 - the engine gives leases back without a notification
            await asyncio.sleep(0.01)
    assert [(item.attempts, item.losses) for item in found] == [(2, 0)]


async def test_stop_waits_for_the_batch_that_is_written(make_engine: MakeEngine) -> None:
    """A command whose batch is under way when the engine stops gets its result."""
    engine, _ = await make_engine()
    async with asyncio.timeout(TIMEOUT_S), held_batch(engine) as held:
        stopping = asyncio.create_task(engine.stop())
        await asyncio.sleep(0.05)
        assert not stopping.done()
    async with asyncio.timeout(TIMEOUT_S):
        assert await held == "written"
        await stopping


async def test_lost_queue_is_taken_back(make_engine: MakeEngine) -> None:
    """The engine that starts last owns the queue; when it stops, the first one takes the queue back with new items."""
    first, _ = await make_engine()
    second, _ = await make_engine()
    drone_id = await second.do(register)
    with pytest.raises(Superseded):
        await first.do(register)
    assert isinstance(first.refusal, Superseded)

    await second.stop()

    await serves(first)
    assert await first.do(lambda batch: [drone.drone_id for drone in batch.fleet]) == [drone_id]
