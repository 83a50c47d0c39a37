"""Brings events to the ledger from the outbox that their transitions stored them in. It makes none.

When the ledger is away they are late, never lost; when an answer is lost they are sent again, and their keys make them one.
"""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from chartly.platform.errors import RemoteError
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.notification import Notification
from chartly.platform.rpc.clients import Clients
from chartly.platform.telemetry.log import Logger
from chartly.v1 import audit_pb2

from .domain.run import Transition
from .store import runs as store

# What one AppendEvents may hold.
_EVENTS_A_CALL = 256
_INVALID_ARGUMENT = 3
# An event that the ledger calls invalid is a fault of ours; it stays in the outbox, and is tried again this much later.
_REFUSED_RETRY_S = 300.0


class LedgerOutbox:
    """Sends events in the order in which they were stored, those of one caller together. One event loop only."""

    def __init__(self, metadata: Metadata, clients: Clients, logger: Logger) -> None:
        self._metadata = metadata
        self._clients = clients
        self._logger = logger
        self._news = Notification()
        self._refused: set[int] = set()

    def follow(self, transition: Transition) -> None:
        """Note that there may be events."""
        if transition.events:
            self._news.notify()

    async def once(self) -> None:
        """Send what is unsent, or wait for it."""
        beat = self._news.next
        found = await self._metadata.read(store.unsent, _EVENTS_A_CALL + len(self._refused))
        found = [each for each in found if each.position not in self._refused][:_EVENTS_A_CALL]
        if not found:
            await self._wait(beat)
            return
        for _, group in itertools.groupby(found, key=lambda each: (each.tenant, each.project, each.principal)):
            await self._send(list(group))

    async def _wait(self, beat: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(_REFUSED_RETRY_S if self._refused else None):
                await beat.wait()
        except TimeoutError:
            self._refused.clear()

    async def _send(self, group: Sequence[store.Unsent]) -> None:
        first = group[0]
        scope = replace(Scope.service("orchestrator", first.tenant, first.project), on_behalf_of=first.principal)
        audit = self._clients.acting(scope).audit
        try:
            await audit.AppendEvents(audit_pb2.AppendEventsRequest(events=[_event(each) for each in group]))
        except RemoteError as refused:
            if refused.remote_code != _INVALID_ARGUMENT:
                raise
            if len(group) > 1:
                for each in group:
                    await self._send([each])
                return
            self._refused.add(first.position)
            self._logger.warning("ledger refused an event", event_key=first.event.key, problem=refused.remote_message)
            return
        await self._metadata.write(store.sent, [each.position for each in group])


def _event(unsent: store.Unsent) -> audit_pb2.AuditEvent:
    event = unsent.event
    made = audit_pb2.AuditEvent(event_key=event.key, type=event.type, run_id=unsent.run_id, subject=event.subject)
    made.occurred_at.FromDatetime(datetime.fromtimestamp(event.occurred_at_ms / 1000, UTC))
    made.details.update(event.details)
    return made
