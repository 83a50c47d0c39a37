"""Runs the queue: one asyncio task executes the waiting commands in memory, and commits them in one transaction.

A call returns when its command is durable. Commands that arrive during a commit share the next one (group commit). When nothing is due,
the task sleeps until a command arrives. When a transaction fails, the memory is dropped and read from the database.

One engine owns the queue. The engine that starts last takes it over; the others refuse every command, and take it back when its owner has
stopped or fallen silent.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from chartly.platform.clock import Clock
from chartly.platform.errors import ChartlyError
from chartly.platform.identifiers import new_id
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.platform.notification import Notification, wait_for
from chartly.platform.telemetry.log import Logger

from .domain.batch import Batch
from .domain.fleet import Fleet, FleetRules
from .domain.owner_watch import OwnerWatch
from .domain.queue import Queue, QueueRules
from .errors import QueueNotHeld, Superseded
from .store import work as store

T = TypeVar("T")
Command = Callable[[Batch], T]

# Most commands of one transaction: enough to share an fsync, few enough that no command waits long.
_BATCH_MAX = 256
# How often ended items beyond their retention are deleted.
_DELETE_EVERY_MS = 3_600_000
# Pause after a failed read, so that a database that is away is not overloaded by retries.
_RETRY_S = 0.2
# How often an engine that lost the queue checks whether its owner has gone.
_WATCH_S = 1.0
# An owner stores a beat ten times in the length of a lease, and counts as gone after a whole one, as drones do.
_BEATS_A_LEASE = 10


@dataclass(eq=False)
class _Waiting:
    command: Command[Any]
    answer: "asyncio.Future[Any] | None"
    """Where the caller waits; None for a command without a caller."""
    undo: Callable[[Any], Command[Any]] | None = None

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for the result, or nobody ever did."""
        return self.answer is None or not self.answer.done()


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
        self._owner_id = new_id("owner", clock.now())
        # An embedded database has one owner, by a lock: nobody watches for beats.
        self._beat_s = None if metadata.is_sqlite else queue_rules.lease_ms / 1000 / _BEATS_A_LEASE
        self._beat_at_s = 0.0
        self._watch = OwnerWatch(None if metadata.is_sqlite else queue_rules.lease_ms / 1000)
        self._commands = deque[_Waiting]()
        self._arrived = Notification()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._refusal: ChartlyError | None = QueueNotHeld("It has not started.")
        """Why commands are refused; None while the queue is held."""
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
        self._heard_ms: int | None = None
        """When a drone that doesn't drain was last heard, as of the last batch."""
        """Queued items, as of the last batch."""

    @property
    def refusal(self) -> ChartlyError | None:
        """Why this engine doesn't serve the queue at the moment; None when it does."""
        if self._stopping.is_set() or (self._task is not None and self._task.done()):
            return self._refusal or QueueNotHeld("The coordinator has stopped.")
        return self._refusal

    @property
    def has_drones(self) -> bool:
        """Whether a drone leases work at the moment."""
        return self._heard_ms is not None and self._now_ms - self._heard_ms < self._fleet_rules.silent_ms

    @property
    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def check(self) -> None:
        """Check that this engine serves the queue.

        Raises:
            Superseded: another engine owns the queue.
            QueueNotHeld: the queue can't be read, or the engine has stopped.
        """
        refusal = self.refusal
        if refusal is not None:
            raise refusal.with_traceback(None)

    async def start(self) -> None:
        """Become the owner of the queue, and start the task."""
        await self._load()
        self._task = asyncio.create_task(self._run(), name="coordinator-engine")

    async def stop(self) -> None:
        """Stop after the current batch, and leave the queue to another engine. Commands that still wait are refused."""
        if self._task is None:
            return
        self._stopping.set()
        self._arrived.notify()
        await asyncio.wait([self._task])
        if isinstance(self._refusal, Superseded):
            return
        try:
            await self._metadata.write(store.release, self._epoch)
        except Exception as failure:  # noqa: BLE001 - the next owner needs no release; the error is logged
            self._logger.warning("queue not released", problem=str(failure))

    async def do(self, command: Command[T], undo: Callable[[T], Command[None]] | None = None) -> T:
        """Run a command, and return its result when it is durable.

        Args:
            command: what to do. It is skipped if the caller is cancelled before its batch begins.
            undo: returns a command that takes a result back. It is run when the caller was cancelled before it got the result.

        Raises:
            ChartlyError: the command raised it.
            Superseded, QueueNotHeld: as ``check``.
        """
        self.check()
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._add(_Waiting(command, answer, undo))
        try:
            return await answer
        except asyncio.CancelledError:
            if undo is not None and not answer.cancelled() and answer.exception() is None:
                self._add(_Waiting(undo(answer.result()), None))
            raise

    def _add(self, waiting: _Waiting) -> None:
        self._commands.append(waiting)
        self._arrived.notify()

    async def _load(self, epoch_before: int | None = None) -> None:
        now_ms = self._now_ms
        lease_ms = self._queue_rules.lease_ms
        loaded = await write_with_retries(
            self._metadata, lambda connection: store.take_over(connection, self._owner_id, now_ms, lease_ms, epoch_before)
        )
        self._epoch = loaded.epoch
        self._position = loaded.position
        self._queue = Queue(self._queue_rules, loaded.items, loaded.finished)
        self._fleet = Fleet(self._fleet_rules, loaded.drones)
        self._refusal = None
        self._publish()

    async def _run(self) -> None:
        try:
            # Commands that wait when the engine is asked to stop are the last: `do` refuses new ones.
            while not self._stopping.is_set() or (self._commands and self._refusal is None):
                try:
                    await (self._batch() if self._refusal is None else self._regain())
                except Exception as failure:  # noqa: BLE001 - the engine must survive every error
                    at_once = self._refusal is None and isinstance(failure, ChartlyError)
                    self._lose(failure)
                    if not at_once:
                        await wait_for(self._stopping, _RETRY_S)
        finally:
            self._refuse(self._refusal or QueueNotHeld("The coordinator has stopped."))

    async def _batch(self) -> None:
        """Wait for commands or for the next due time, run them in one transaction, and settle them."""
        waiting = await self._next_batch()
        if self._stopping.is_set() and not waiting:
            return
        try:
            outcomes = await self._metadata.write(self._transaction, [each.command for each in waiting])
        except Exception as failure:
            for each in waiting:
                self._settle(each, failure)
            raise
        for each, outcome in zip(waiting, outcomes, strict=True):
            self._settle(each, outcome)
        self._publish()

    async def _next_batch(self) -> list[_Waiting]:
        """Wait for commands or for the next due time. An empty list means that something is due, or that the engine stops."""
        arrived = self._arrived.next
        if not self._commands and not self._stopping.is_set():
            await wait_for(arrived, self._due_in_s())
        waiting = [self._commands.popleft() for _ in range(min(_BATCH_MAX, len(self._commands)))]
        return [each for each in waiting if each.wanted]

    def _due_in_s(self) -> float | None:
        dues_ms = [due for due in (self._queue.next_due_ms(), self._fleet.next_due_ms()) if due is not None]
        dues_s = [due_ms / 1000 - self._clock.now().timestamp() for due_ms in dues_ms]
        if self._beat_s is not None:
            dues_s.append(self._beat_at_s - self._clock.monotonic_s())
        return max(min(dues_s), 0.001) if dues_s else None

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
        beat = self._beat_s is not None and self._clock.monotonic_s() >= self._beat_at_s
        if batch.changes or beat:
            store.fence(connection, self._epoch, self._queue.finished, batch.position)
            store.store_changes(connection, batch.changes)
            self._beat_at_s = self._clock.monotonic_s() + (self._beat_s or 0)
        if batch.now_ms >= self._delete_at_ms:
            store.delete_ended(connection, batch.now_ms - self._retention_ms)
            self._delete_at_ms = batch.now_ms + _DELETE_EVERY_MS
        self._position = batch.position
        return outcomes

    def _settle(self, waiting: _Waiting, outcome: Any) -> None:
        """Pass a command's outcome to its caller. Undo it if the caller was cancelled during the batch."""
        failed = isinstance(outcome, Exception)
        if waiting.answer is None or waiting.answer.done():
            if waiting.undo is not None and not failed:
                self._add(_Waiting(waiting.undo(outcome), None))
        elif failed:
            waiting.answer.set_exception(outcome)
        else:
            waiting.answer.set_result(outcome)

    def _lose(self, failure: Exception) -> None:
        """Refuse commands until the queue is read a second time: the memory may differ from the database."""
        before = self._refusal
        if isinstance(failure, Superseded):
            self._refusal = failure
        elif isinstance(failure, ChartlyError):
            self._refusal = QueueNotHeld(failure.message)
        else:
            self._refusal = QueueNotHeld("An unexpected error occurred; see the coordinator's log.")
            self._logger.error("queue failed", exception=failure)
        # A database that is away for an hour must not fill the log.
        if before is None or before.message != self._refusal.message:
            self._logger.warning("queue not held", problem=self._refusal.message)
        self._refuse(self._refusal)

    def _refuse(self, failure: ChartlyError) -> None:
        """Refuse the waiting commands, and wake the long polls so that they are refused too."""
        self.ready = 0
        while self._commands:
            self._settle(self._commands.popleft(), failure)
        self.work.notify()
        self.ends.notify()

    async def _regain(self) -> None:
        """Reload the queue: after an error at once, after another engine's takeover when that engine has gone."""
        epoch_before = self._epoch
        if isinstance(self._refusal, Superseded):
            found = await self._metadata.read(store.read_owner)
            if not self._watch.gone(found, self._clock.monotonic_s()):
                await wait_for(self._stopping, _WATCH_S)
                return
            epoch_before = found.epoch
        await self._load(epoch_before)
        self._logger.info("queue taken back", epoch=self._epoch)

    def _publish(self) -> None:
        """Update the counts, and notify waiting calls."""
        ended = self._queue.finished != self.finished
        self.finished = self._queue.finished
        self.ready = self._queue.ready(self._now_ms)
        self.leased = self._queue.leased
        self.queued = self._queue.depths.all.items - self.leased
        self._heard_ms = self._fleet.last_heard_ms()
        if ended:
            self.ends.notify()
        if self.ready:
            self.work.notify()
