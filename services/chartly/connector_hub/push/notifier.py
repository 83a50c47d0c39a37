"""Tells the orchestrator that pushes have landed, so that the workflows that wait for them start. It starts none itself.

The news is one a source and not one a push: whoever starts takes all that has landed. News that got lost, such as of a hub that died
between a push and its news, is told again from the inbox; the waits between double, since a source may have no workflow at all.
"""

import asyncio
import math

from chartly.connector_hub.store import inbox as store
from chartly.connector_hub.store.inbox import Push
from chartly.platform.clock import Clock
from chartly.platform.identity.scope import Scope, parse_project
from chartly.platform.metadata import Metadata
from chartly.platform.notification import Pulse
from chartly.platform.rpc.clients import Clients
from chartly.v1 import orchestrator_pb2

_LOOK_EVERY_S = 10.0
# More sources than this at once are found by the look at the inbox.
_SOURCES_MAX = 10_000
_SOURCES_A_LOOK = 1_000


class Notifier:
    """News of pushes, by source. Used from one event loop."""

    def __init__(self, clients: Clients, clock: Clock, metadata: Metadata, again_s: int) -> None:
        self._clients = clients
        self._clock = clock
        self._metadata = metadata
        self._again_s = again_s
        self._due: dict[tuple[str, str], str] = {}
        self._news = Pulse()

    def landed(self, push: Push) -> None:
        """Note that a push has landed."""
        if len(self._due) < _SOURCES_MAX:
            self._due[push.project, push.source_id] = push.work_key
            self._news.beat()

    async def tell(self) -> None:
        """Wait for news, and tell it."""
        beat = self._news.next
        if not self._due:
            await beat.wait()
        for (project, source_id), event_id in list(self._due.items()):
            await self._notify(project, source_id, event_id)
            if self._due.get((project, source_id)) == event_id:
                del self._due[project, source_id]

    async def tell_again(self) -> None:
        """Tell of what nobody has taken for a while; then sleep."""
        now_ms = int(self._clock.now().timestamp() * 1000)
        for found in await self._metadata.read(store.waiting, _SOURCES_A_LOOK):
            age_s = (now_ms - found.landed_at_ms) / 1000
            if age_s >= self._again_s:
                time = int(math.log2(age_s / self._again_s))
                await self._notify(found.project, found.source_id, f"{found.work_key}.{found.landed_at_ms}.{time}")
        await asyncio.sleep(min(_LOOK_EVERY_S, self._again_s))

    async def _notify(self, project: str, source_id: str, event_id: str) -> None:
        tenant, name = parse_project(project)
        orchestrator = self._clients.acting(Scope.service("connector_hub", tenant, name)).orchestrator
        kind = orchestrator_pb2.EVENT_KIND_BLOB_LANDED
        await orchestrator.NotifyEvent(orchestrator_pb2.NotifyEventRequest(event_id=event_id, kind=kind, subject=source_id))
