"""Stores events: all that wait share one transaction, so that thousands a second need few. It starts no run."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from chartly.orchestrator.domain.run import Trigger
from chartly.orchestrator.errors import TooManyEvents
from chartly.orchestrator.store import schedules as store
from chartly.orchestrator.store.schedules import TriggeredWorkflow
from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.platform.notification import Notification

# Events of one transaction: enough to share its fsync, few enough that the first does not wait long.
_BATCH_MAX = 500
# A transaction takes milliseconds.
_RETRY_AFTER_S = 0.5


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """An event of a project."""

    tenant: str
    project: str
    event_id: str
    trigger: Trigger

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies a repeated event."""
        return (self.tenant, self.project, self.event_id)


@dataclass(eq=False)
class _Waiting:
    event: IncomingEvent
    answer: "asyncio.Future[list[TriggeredWorkflow]]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class EventIntake:
    """Collect events and store them in batches. Used from one event loop."""

    def __init__(self, metadata: Metadata, clock: Clock, started: Callable[[], None], limits: Limits) -> None:
        self._metadata = metadata
        self._clock = clock
        self._wake = started
        self._waiting_max = limits.events_waiting_max
        self._remembered_max = limits.events_remembered_max
        self._waiting = deque[_Waiting]()
        self._added = Notification()
        # When the table is full, a tenth more is deleted than necessary: a search for the oldest events at each batch would be slow.
        self._spare = self._remembered_max // 10
        self._room = 0
        """Events that may be stored before old ones must be deleted."""

    async def accept(self, event: IncomingEvent) -> list[TriggeredWorkflow]:
        """Store an event. Return the workflows that it triggers, once that is durable.

        Raises:
            TooManyEvents: the bound of waiting events is reached.
            MetadataUnavailable: it is unknown whether the event was stored; sent a second time it counts once.
        """
        if len(self._waiting) >= self._waiting_max:
            raise TooManyEvents(self._waiting_max, retry_after_s=_RETRY_AFTER_S)
        waiting = _Waiting(event)
        self._waiting.append(waiting)
        self._added.notify()
        return await waiting.answer

    async def once(self) -> None:
        """Wait for events, and store those that are there."""
        notified = self._added.next
        if not self._waiting:
            await notified.wait()
            return
        batch = [self._waiting.popleft() for _ in range(min(_BATCH_MAX, len(self._waiting)))]
        try:
            # The room is known once the transaction is durable: an attempt that is rolled back has deleted nothing.
            found, self._room = await write_with_retries(
                self._metadata, lambda connection: self._store(connection, [each.event for each in batch])
            )
        except Exception as failure:  # noqa: BLE001 - whatever it was, each caller gets it
            for each in batch:
                if not each.answer.done():
                    each.answer.set_exception(failure)
            return
        for each in batch:
            if not each.answer.done():  # the caller may have gone
                each.answer.set_result(found[each.event.key])
        if any(found.values()):
            self._wake()

    def _store(self, connection: Connection, batch: list[IncomingEvent]) -> tuple[dict[tuple[str, str, str], list[TriggeredWorkflow]], int]:
        """Store events; return the workflows that each of them triggers, and the room for further events."""
        found = store.stored_events(connection, {each.key for each in batch})
        now_ms = int(self._clock.now().timestamp() * 1000)
        # Events of one batch that differ only in their ids need one query.
        alike: dict[tuple[str, str, str, str], list[TriggeredWorkflow]] = {}
        fresh: dict[tuple[str, str, str], list[TriggeredWorkflow]] = {}
        for each in batch:
            if each.key in found or each.key in fresh:
                continue
            what = (each.tenant, each.project, each.trigger.event, each.trigger.subject)
            if what not in alike:
                alike[what] = store.trigger_workflows(connection, each.tenant, each.project, each.trigger, now_ms)
            fresh[each.key] = alike[what]
        # An event without a listener is not stored: sent a second time it still does nothing.
        remembered = [(key, noted) for key, noted in fresh.items() if noted][-self._remembered_max :]
        room = self._room
        if len(remembered) > room:
            store.delete_events(connection, 0, max(self._remembered_max - self._spare - len(remembered), 0))
            room = self._spare + len(remembered)
        store.store_events(connection, remembered, now_ms)
        return found | fresh, room - len(remembered)
