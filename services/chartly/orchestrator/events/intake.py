"""Where events come in: those that wait share one transaction, so that thousands a second cost few. It starts no run."""

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
from chartly.platform.metadata.write_retry import write_again
from chartly.platform.notification import Pulse

# Events of one transaction: many share its fsync, and the first of them doesn't wait long.
_BATCH_MAX = 500
# Events wait for one transaction, which takes milliseconds.
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
        """What makes it the same event."""
        return (self.tenant, self.project, self.event_id)


@dataclass(eq=False)
class _Waiting:
    heard: IncomingEvent
    answer: "asyncio.Future[list[TriggeredWorkflow]]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class EventIntake:
    """Events that wait for their transaction. One event loop only."""

    def __init__(self, metadata: Metadata, clock: Clock, started: Callable[[], None], limits: Limits) -> None:
        self._metadata = metadata
        self._clock = clock
        self._wake = started
        self._waiting_max = limits.events_waiting_max
        self._remembered_max = limits.events_remembered_max
        self._waiting = deque[_Waiting]()
        self._news = Pulse()
        self._since_forgotten = 0

    async def hear(self, heard: IncomingEvent) -> list[TriggeredWorkflow]:
        """Take an event in; answers once that is durable, with the workflows that it concerns.

        Raises:
            TooManyEvents: as many wait as may.
            MetadataUnavailable: it is not known whether it was taken in; told again it counts once.
        """
        if len(self._waiting) >= self._waiting_max:
            raise TooManyEvents(self._waiting_max, retry_after_s=_RETRY_AFTER_S)
        waiting = _Waiting(heard)
        self._waiting.append(waiting)
        self._news.beat()
        return await waiting.answer

    async def once(self) -> None:
        """Wait for events, and take in those that are there."""
        beat = self._news.next
        if not self._waiting:
            await beat.wait()
            return
        batch = [self._waiting.popleft() for _ in range(min(_BATCH_MAX, len(self._waiting)))]
        try:
            found = await write_again(self._metadata, lambda connection: self._take_in(connection, [each.heard for each in batch]))
        except Exception as failure:  # noqa: BLE001 - whatever it was, each caller gets it
            for each in batch:
                if not each.answer.done():
                    each.answer.set_exception(failure)
            return
        for each in batch:
            if not each.answer.done():  # its caller may have gone
                each.answer.set_result(found[each.heard.key])
        if any(found.values()):
            self._wake()

    def _take_in(self, connection: Connection, batch: list[IncomingEvent]) -> dict[tuple[str, str, str], list[TriggeredWorkflow]]:
        found = store.heard(connection, {each.key for each in batch})
        now_ms = int(self._clock.now().timestamp() * 1000)
        # Many events of one batch are alike but for their ids: they ask the database once.
        alike: dict[tuple[str, str, str, str], list[TriggeredWorkflow]] = {}
        fresh: dict[tuple[str, str, str], list[TriggeredWorkflow]] = {}
        for each in batch:
            if each.key in found or each.key in fresh:
                continue
            what = (each.tenant, each.project, each.trigger.event, each.trigger.subject)
            if what not in alike:
                alike[what] = store.hear(connection, each.tenant, each.project, each.trigger, now_ms)
            fresh[each.key] = alike[what]
        # An event that nobody listens to needs no memory: told again it still does nothing.
        remembered = [(key, noted) for key, noted in fresh.items() if noted]
        store.remember(connection, remembered, now_ms)
        self._since_forgotten += len(remembered)
        if self._since_forgotten > self._remembered_max // 10:
            store.forget_events(connection, 0, self._remembered_max)
            self._since_forgotten = 0
        return found | fresh
