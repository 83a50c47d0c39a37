"""Brings storage's own events to the ledger from the outbox that their facts stored them in. It makes none.

When the ledger is away they are late, never lost; when an answer is lost they are sent again, and their keys make them one.
"""

import asyncio
import itertools
from dataclasses import replace

from chartly.platform.errors import ChartlyError, RemoteError
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.rpc.clients import Clients
from chartly.platform.telemetry.log import Logger
from chartly.v1 import audit_pb2

from .commit import event_rows
from .commit.event_rows import Unsent

# What one AppendEvents may hold.
_EVENTS_A_CALL = 256
_INVALID_ARGUMENT = 3
# From a ledger that is just starting to one that is away: soon at first, then every two seconds.
_PAUSE_S, _PAUSE_S_MAX = 0.05, 2.0
# Of a row of failures, every so many are logged: an hour's outage shouldn't fill the disk.
_LOGGED_EVERY = 10


class LedgerOutbox:
    """Sends events in the order in which they were stored. One event loop only."""

    def __init__(self, metadata: Metadata, clients: Clients, logger: Logger) -> None:
        self._metadata = metadata
        self._clients = clients
        self._logger = logger
        self._news = asyncio.Event()
        self._refused: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start to send, what a former process left unsent first."""
        self._news.set()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop; what is unsent stays for the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def follow(self) -> None:
        """Note that there may be events."""
        self._news.set()

    async def _run(self) -> None:
        failures = 0
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._send_all()
                failures = 0
            except ChartlyError as refused:
                failures += 1
                if failures % _LOGGED_EVERY == 2:  # noqa: PLR2004 - the first is common while the host starts
                    self._logger.warning("ledger waits", problem=refused.message, failures=failures)
                self._news.set()
                await asyncio.sleep(min(_PAUSE_S * 2**failures, _PAUSE_S_MAX))
            except Exception as fault:  # noqa: BLE001 - the loop must outlive any fault; it is logged
                self._logger.error("ledger's outbox failed", exception=fault)  # noqa: TRY400 - ours, not logging's
                self._news.set()
                await asyncio.sleep(_PAUSE_S_MAX)

    async def _send_all(self) -> None:
        while True:
            found = await self._metadata.read(event_rows.unsent, _EVENTS_A_CALL + len(self._refused))
            found = [each for each in found if each.position not in self._refused][:_EVENTS_A_CALL]
            if not found:
                return
            for _, group in itertools.groupby(found, key=lambda each: (each.tenant, each.project, each.event.principal)):
                await self._send(list(group))

    async def _send(self, group: list[Unsent]) -> None:
        first = group[0]
        scope = replace(Scope.service("storage", first.tenant, first.project), on_behalf_of=first.event.principal)
        try:
            events = [_encoded(each) for each in group]
            await self._clients.acting(scope).audit.AppendEvents(audit_pb2.AppendEventsRequest(events=events))
        except RemoteError as refused:
            if refused.remote_code != _INVALID_ARGUMENT:
                raise
            if len(group) > 1:
                for each in group:
                    await self._send([each])
                return
            # A fault of ours; it stays in the outbox, and is tried again at the next start.
            self._refused.add(first.position)
            self._logger.error("ledger refused an event", event_key=first.event.key, problem=refused.remote_message)  # noqa: TRY400 - ours
            return
        await self._metadata.write(event_rows.sent, [each.position for each in group])


def _encoded(unsent: Unsent) -> audit_pb2.AuditEvent:
    event = unsent.event
    made = audit_pb2.AuditEvent(event_key=event.key, type=event.type, run_id=event.run_id, subject=event.subject)
    made.occurred_at.FromDatetime(event.occurred_at)
    made.details.update(event.details)
    return made
