"""Notifies the orchestrator that pushes have landed, so that workflows that wait for them start. It starts none itself.

One event stands for all pushes of a source, since a run takes all that have landed. Events can get lost, as when a hub dies between a
push and its event; pushes that wait too long are therefore notified once more, at doubling intervals, since a source may have no workflow.
"""

import asyncio
import math

from chartly.connector_hub.store import inbox as store
from chartly.connector_hub.store.inbox import Push
from chartly.platform.clock import Clock
from chartly.platform.identity.scope import Scope, parse_project
from chartly.platform.metadata import Metadata
from chartly.platform.notification import Notification
from chartly.platform.rpc.clients import Clients
from chartly.v1 import orchestrator_pb2

_POLL_EVERY_S = 10.0
# More sources than this at once are found by `notify_waiting`.
_SOURCES_MAX = 10_000
_SOURCES_A_POLL = 1_000


class Notifier:
    """Events of pushes, one for each source. Used from one event loop."""

    def __init__(self, clients: Clients, clock: Clock, metadata: Metadata, resend_s: int) -> None:
        self._clients = clients
        self._clock = clock
        self._metadata = metadata
        self._resend_s = resend_s
        self._due: dict[tuple[str, str], str] = {}
        self._landed = Notification()

    def landed(self, push: Push) -> None:
        """Note that a push has landed."""
        if len(self._due) < _SOURCES_MAX:
            self._due[push.project, push.source_id] = push.work_key
            self._landed.notify()

    async def notify_landed(self) -> None:
        """Wait for pushes that landed, and notify the orchestrator."""
        beat = self._landed.next
        if not self._due:
            await beat.wait()
        for (project, source_id), event_id in list(self._due.items()):
            await self._notify(project, source_id, event_id)
            if self._due.get((project, source_id)) == event_id:
                del self._due[project, source_id]

    async def notify_waiting(self) -> None:
        """Notify once more about pushes that no run has taken for a while; then sleep."""
        now_ms = int(self._clock.now().timestamp() * 1000)
        for found in await self._metadata.read(store.waiting, _SOURCES_A_POLL):
            age_s = (now_ms - found.landed_at_ms) / 1000
            if age_s >= self._resend_s:
                time = int(math.log2(age_s / self._resend_s))
                await self._notify(found.project, found.source_id, f"{found.work_key}.{found.landed_at_ms}.{time}")
        await asyncio.sleep(min(_POLL_EVERY_S, self._resend_s))

    async def _notify(self, project: str, source_id: str, event_id: str) -> None:
        tenant, name = parse_project(project)
        orchestrator = self._clients.acting(Scope.service("connector_hub", tenant, name)).orchestrator
        kind = orchestrator_pb2.EVENT_KIND_BLOB_LANDED
        await orchestrator.NotifyEvent(orchestrator_pb2.NotifyEventRequest(event_id=event_id, kind=kind, subject=source_id))
