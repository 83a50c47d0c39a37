"""Notifies the orchestrator that pushes have landed, so that workflows that wait for them start. It starts none itself.

One event stands for all pushes of a source, since a run takes all that have landed. Events can get lost, as when a hub dies between a
push and its event; pushes that wait too long are therefore notified once more, at doubling intervals, since a source may have no workflow.

Sources don't hold each other up: after a failure at one source the others are notified first. A final refusal ends an event.
"""

import asyncio
import math
from collections.abc import Iterable
from typing import NamedTuple

from chartly.connector_hub.store import inbox as store
from chartly.connector_hub.store.inbox import Push
from chartly.platform.clock import Clock
from chartly.platform.errors import RemoteError
from chartly.platform.identity.scope import Scope, parse_project
from chartly.platform.metadata import Metadata
from chartly.platform.notification import Notification
from chartly.platform.rpc.clients import Clients
from chartly.platform.telemetry.log import Logger
from chartly.v1 import orchestrator_pb2

_POLL_EVERY_S = 10.0
# More sources than this at once are found by `notify_waiting`.
_SOURCES_MAX = 10_000
_SOURCES_A_POLL = 1_000


class _Event(NamedTuple):
    project: str
    source_id: str
    event_id: str

    @property
    def source(self) -> tuple[str, str]:
        return self.project, self.source_id


class Notifier:
    """Events of pushes, one for each source. Used from one event loop."""

    def __init__(self, clients: Clients, clock: Clock, metadata: Metadata, resend_s: int, logger: Logger) -> None:
        self._clients = clients
        self._clock = clock
        self._metadata = metadata
        self._resend_s = resend_s
        self._logger = logger
        self._due: dict[tuple[str, str], str] = {}
        self._landed = Notification()
        self._failing: set[tuple[str, str]] = set()
        """Sources at which the last attempt failed. They come last in the next round."""
        self._refused: dict[tuple[str, str], str] = {}
        """The event of each waiting source that was refused for good."""

    def landed(self, push: Push) -> None:
        """Note that a push has landed."""
        if len(self._due) < _SOURCES_MAX:
            self._due[push.project, push.source_id] = push.work_key
            self._landed.notify()

    async def notify_landed(self) -> None:
        """Wait for pushes that landed, and notify the orchestrator."""
        notified = self._landed.next
        if not self._due:
            await notified.wait()
        await self._notify_each([_Event(*source, event_id) for source, event_id in self._due.items()])

    async def notify_waiting(self) -> None:
        """Notify once more about pushes that no run has taken for a while; then sleep."""
        now_ms = int(self._clock.now().timestamp() * 1000)
        events: list[_Event] = []
        for found in await self._metadata.read(store.waiting, _SOURCES_A_POLL):
            age_s = (now_ms - found.landed_at_ms) / 1000
            if age_s >= self._resend_s:
                time = int(math.log2(age_s / self._resend_s))
                events.append(_Event(found.project, found.source_id, f"{found.work_key}.{found.landed_at_ms}.{time}"))
        self._refused = {event.source: event.event_id for event in events if self._refused.get(event.source) == event.event_id}
        await self._notify_each(event for event in events if event.source not in self._refused)
        await asyncio.sleep(min(_POLL_EVERY_S, self._resend_s))

    async def _notify_each(self, events: Iterable[_Event]) -> None:
        """Notify the orchestrator of each event, those of failing sources last.

        Raises:
            RemoteError: an event was refused for now, after the others were sent; or the orchestrator is away.
        """
        failure: RemoteError | None = None
        for event in sorted(events, key=lambda event: event.source in self._failing):
            self._failing.add(event.source)
            try:
                await self._notify(event)
            except RemoteError as refused:
                if refused.is_away:
                    raise
                if not refused.is_final:
                    failure = refused
                    continue
                problem = f"{refused.remote_reason}: {refused.remote_message}"
                self._logger.error("notification of pushes refused", source_id=event.source_id, problem=problem)  # noqa: TRY400 - our logger
                self._refused[event.source] = event.event_id
            self._failing.discard(event.source)
            if self._due.get(event.source) == event.event_id:
                del self._due[event.source]
        if failure is not None:
            raise failure

    async def _notify(self, event: _Event) -> None:
        tenant, name = parse_project(event.project)
        orchestrator = self._clients.acting(Scope.service("connector_hub", tenant, name)).orchestrator
        kind = orchestrator_pb2.EVENT_KIND_BLOB_LANDED
        await orchestrator.NotifyEvent(orchestrator_pb2.NotifyEventRequest(event_id=event.event_id, kind=kind, subject=event.source_id))
