"""Runs the queue: one asyncio task executes the waiting commands in memory, and commits them in one transaction.

A call returns when its command is durable. Commands that arrive during a commit share the next one (group commit). When nothing is due,
the task sleeps until a command arrives. When a transaction fails, the memory is dropped and read from the database.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from chartly.platform.clock import Clock
from chartly.platform.errors import ChartlyError
from chartly.platform.identifiers import new_id
from chartly.platform.metadata import Metadata
from chartly.platform.notification import Notification
from chartly.platform.telemetry.log import Logger

from .domain.batch import Batch
from .domain.fleet import Fleet, FleetRules
from .domain.queue import Queue, QueueRules
from .errors import Superseded
from .store import work as store

T = TypeVar("T")
Command = Callable[[Batch], T]

# Most commands of one transaction: enough to share an fsync, few enough that no command waits long.
_BATCH_MAX = 256
# How often ended items beyond their retention are deleted.
_DELETE_EVERY_MS = 3_600_000
# Pause after a failed read, so that a database that is away is not overloaded by retries.
_RETRY_S = 0.2


@dataclass
class _Waiting:
    command: Command[Any]
    answer: "asyncio.Future[Any]"


class QueueEngine:
    """The owner of the queue's memory. All methods are called from one event loop; batches run on a thread, one at a time."""

    def __init__(
        self, metadata: Metadata, clock: Clock, logger: Logger, queue_rules: QueueRules, fleet_rules: FleetRules, retention_ms: int
    ) -> None:
        self._metadata = metadata
        self._clock = clock
        self._logger = logger
        self._queue_rules = queue_rules
        self._fleet_rules = fleet_rules
        self._retention_ms = retention_ms
        self._commands: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._superseded = False
        self._epoch = 0
        self._position = 0
        self._queue = Queue(queue_rules)
        self._fleet = Fleet(fleet_rules)
        self._delete_at_ms = 0
        self.work = Notification()
        """Notifies when there may be work to lease."""
        self.ends = Notification()
        """Notifies when items ended."""
        self.finished = 0
        """The last finish sequence that is durable."""
        self.ready = 0
        """Items that could be leased, as of the last batch."""
        self.leased = 0
        """Leased items, as of the last batch."""
        self.queued = 0
        """Queued items, as of the last batch."""

    @property
    def serving(self) -> bool:
        """Whether this process still owns the queue."""
        return self._task is not None and not self._superseded

    async def start(self) -> None:
        """Become the owner of the queue, and start the task."""
        await self._load()
        self._task = asyncio.create_task(self._run(), name="coordinator-engine")

    async def stop(self) -> None:
        """Stop after the current batch."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def do(self, command: Command[T]) -> T:
        """Run a command, and return its result when it is durable.

        Raises:
            ChartlyError: the command raised it.
            Superseded: another process owns the queue.
        """
        if self._superseded:
            raise Superseded(self._epoch)
        waiting = _Waiting(command, asyncio.get_running_loop().create_future())
        self._commands.put_nowait(waiting)
        return await waiting.answer

    async def _load(self, epoch_before: int | None = None) -> None:
        now_ms = int(self._clock.now().timestamp() * 1000)
        loaded = await self._metadata.write(store.take_over, now_ms, self._queue_rules.lease_ms, epoch_before)
        self._epoch = loaded.epoch
        self._position = loaded.position
        self._queue = Queue(self._queue_rules, loaded.items, loaded.finished)
        self._fleet = Fleet(self._fleet_rules, loaded.drones)
        self._publish()

    async def _run(self) -> None:
        while not self._superseded:
            waiting = await self._next_batch()
            try:
                outcomes = await self._metadata.write(self._transaction, [each.command for each in waiting])
            except ChartlyError as failure:
                await self._recover(waiting, failure)
            except Exception as failure:  # noqa: BLE001 - the engine must survive every error; it is logged, and the callers get it
                self._logger.error("queue batch failed", exception=failure)  # noqa: TRY400 - our logger's error takes it
                await self._recover(waiting, failure)
            else:
                for each, outcome in zip(waiting, outcomes, strict=True):
                    _settle(each, outcome)
                self._publish()

    async def _next_batch(self) -> list[_Waiting]:
        """Wait for commands or for the next due time. An empty list means that something is due."""
        waiting: list[_Waiting] = []
        due_in_s = self._due_in_s()
        with suppress(TimeoutError):
            async with asyncio.timeout(due_in_s):
                waiting.append(await self._commands.get())
        while len(waiting) < _BATCH_MAX and not self._commands.empty():
            waiting.append(self._commands.get_nowait())
        return waiting

    def _due_in_s(self) -> float | None:
        dues = [due for due in (self._queue.next_due_ms(), self._fleet.next_due_ms()) if due is not None]
        if not dues:
            return None
        return max((min(dues) - self._clock.now().timestamp() * 1000) / 1000, 0.001)

    def _transaction(self, connection: Connection, commands: list[Command[Any]]) -> list[Any]:
        now = self._clock.now()
        batch = Batch(
            self._queue,
            self._fleet,
            store.StoredWork(connection),
            int(now.timestamp() * 1000),
            self._position,
            lambda prefix: new_id(prefix, now),
        )
        outcomes: list[Any] = []
        for command in commands:
            try:
                outcomes.append(command(batch))
            except ChartlyError as refused:
                outcomes.append(refused)
        # After the commands, so that a heartbeat that waited while this process was paused still prolongs its leases.
        batch.tick()
        if batch.changes:
            store.fence(connection, self._epoch, self._queue.finished, batch.position)
            store.store_changes(connection, batch.changes)
        if batch.now_ms >= self._delete_at_ms:
            store.delete_ended(connection, batch.now_ms - self._retention_ms)
            self._delete_at_ms = batch.now_ms + _DELETE_EVERY_MS
        self._position = batch.position
        return outcomes

    async def _recover(self, waiting: list[_Waiting], failure: Exception) -> None:
        """Return the error to the callers, and read the queue from the database unless another process owns it now."""
        for each in waiting:
            _settle(each, failure)
        while not isinstance(failure, Superseded):
            try:
                await self._load(self._epoch)
            except ChartlyError as again:
                self._logger.warning("queue not readable", problem=again.message)
                failure = again
                await asyncio.sleep(_RETRY_S)
            else:
                return
        self._superseded = True
        self._logger.warning("queue taken over by another process", epoch=self._epoch)
        while not self._commands.empty():
            _settle(self._commands.get_nowait(), failure)

    def _publish(self) -> None:
        """Update the counts, and notify waiting calls."""
        ended = self._queue.finished != self.finished
        self.finished = self._queue.finished
        self.ready = self._queue.ready(int(self._clock.now().timestamp() * 1000))
        self.leased = self._queue.leased
        self.queued = self._queue.depths.all.items - self.leased
        if ended:
            self.ends.notify()
        if self.ready:
            self.work.notify()


def _settle(waiting: _Waiting, outcome: Any) -> None:
    if waiting.answer.done():
        return
    if isinstance(outcome, Exception):
        waiting.answer.set_exception(outcome)
    else:
        waiting.answer.set_result(outcome)
