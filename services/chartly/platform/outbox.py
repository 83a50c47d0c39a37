"""Events that wait for the ledger: stored in the transaction of the fact that they describe, then delivered in the background.

So no fact is without its ledger entry, whatever dies or is cancelled in between. An event is delivered at least once, and the ledger keeps
one entry per event key. While the ledger is away events wait. Events that the ledger refuses are kept. Both count to one bound, at which
``admit`` refuses new facts.
Each service has a table of its own (``outbox_table``); this module doesn't know what the events say.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    and_,
    delete,
    func,
    select,
    update,
)

from chartly.v1 import audit_pb2

from .config import Limits
from .errors import ChartlyError, RemoteError, Unavailable, error
from .failpoints import reached
from .identity.scope import Scope
from .metadata import Metadata
from .retry import retrying
from .rpc.clients import Clients
from .telemetry.log import Logger

# What one AppendEvents takes; and far less than a message may have, so that a batch of the largest events still goes through.
_EVENTS_A_CALL, _BYTES_A_CALL = 256, 4 * 1024 * 1024
# The most that an item of a list adds to its own bytes: a tag and a length.
_ITEM_BYTES = 6
_POSITIONS_A_QUERY = 500
_WAIT_S_MAX = 30.0
# A refused commit is retried about when the delivery looks for the ledger next.
_RETRY_AFTER_S = 5.0
_REFUSAL_CHARACTERS_MAX = 500
# While the ledger is away, this failure and each tenth after it are logged.
_LOGGED_EVERY = 10
_COLUMNS = ("position", "tenant", "project", "principal", "body")


class OutboxPoint(StrEnum):
    """Failpoints of a delivery."""

    EVENTS_READ = "events_read"
    """Events are read from the outbox; the ledger doesn't have them."""
    EVENTS_DELIVERED = "events_delivered"
    """The ledger has the events; the outbox still holds them."""


@error(reason="SERVICE_UNAVAILABLE")
class LedgerBacklogFull(Unavailable):
    """As many events as allowed wait for the ledger or were refused by it: new changes are refused until it has accepted them."""

    events: int
    events_max: int
    bytes: int
    bytes_max: int
    refused: int


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger records of a fact: digests, references and counts, never a payload or a value of a record."""

    key: str
    """Events with the same key are the same event."""
    type: str
    subject: str
    run_id: str = ""
    principal: str = ""
    """Who caused it; empty when the service did by itself."""
    occurred_at: datetime
    details: dict[str, Any]


class Backlog(NamedTuple):
    """How much waits, and how much the ledger refused."""

    events: int
    bytes: int
    refused: int
    refused_bytes: int


def outbox_table(name: str, metadata: MetaData) -> Table:
    """Declare a service's outbox."""
    return Table(
        name,
        metadata,
        Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("tenant", String(63), nullable=False),
        Column("project", String(63), nullable=False),
        Column("principal", String(255), nullable=False),
        Column("body", Text, nullable=False),
        Column("size_bytes", Integer, nullable=False, server_default="0"),
        # Why the ledger refused the event; empty while it waits.
        Column("refusal", String(_REFUSAL_CHARACTERS_MAX), nullable=False, server_default=""),
        # Counting the backlog reads only this index.
        Index(f"{name}_waiting", "refusal", "size_bytes"),
    )


def put(connection: Connection, table: Table, tenant: str, project: str, events: Iterable[Event]) -> None:
    """Store events, in the transaction of what they describe."""
    for event in events:
        body = msgspec.json.encode(event)
        row = {"tenant": tenant, "project": project, "principal": event.principal, "body": body.decode(), "size_bytes": len(body)}
        connection.execute(table.insert().values(row))


def backlog(connection: Connection, table: Table) -> Backlog:
    """Count the events that wait and those that were refused."""
    waits = table.c.refusal == ""
    counted = select(func.count(), func.coalesce(func.sum(table.c.size_bytes), 0))
    events, size_bytes = connection.execute(counted.where(waits)).one()
    refused, refused_bytes = connection.execute(counted.where(~waits)).one()
    return Backlog(int(events), int(size_bytes), int(refused), int(refused_bytes))


def admit(connection: Connection, table: Table, limits: Limits) -> None:
    """Refuse a new fact when too many events are stored. Call it before the fact is decided: what is decided always gets its event.

    Raises:
        LedgerBacklogFull: the bound is reached; says when to retry.
    """
    found = backlog(connection, table)
    events, size_bytes = found.events + found.refused, found.bytes + found.refused_bytes
    if events >= limits.outbox_events_max or size_bytes >= limits.outbox_bytes_max:
        raise LedgerBacklogFull(
            events, limits.outbox_events_max, size_bytes, limits.outbox_bytes_max, found.refused, retry_after_s=_RETRY_AFTER_S
        )


class OutboxMetrics:
    """What waits, what was refused and what was delivered, by service. A process has one."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("service",)
        self.waiting = Gauge("chartly_outbox_waiting_events", "Events that wait for the ledger.", labels, registry=registry)
        self.waiting_bytes = Gauge("chartly_outbox_waiting_bytes", "Bytes of events that wait for the ledger.", labels, registry=registry)
        self.refused = Gauge("chartly_outbox_refused_events", "Events that the ledger refused for good.", labels, registry=registry)
        self.delivered = Counter("chartly_outbox_delivered_events", "Events that the ledger acknowledged.", labels, registry=registry)


_metrics: WeakKeyDictionary[CollectorRegistry, OutboxMetrics] = WeakKeyDictionary()


def outbox_metrics(registry: CollectorRegistry) -> OutboxMetrics:
    """Return the metrics of a process; its services share them."""
    if registry not in _metrics:
        _metrics[registry] = OutboxMetrics(registry)
    return _metrics[registry]


class _Stored(NamedTuple):
    """A row of the outbox."""

    position: int
    tenant: str
    project: str
    principal: str
    body: str


class _Call(NamedTuple):
    """Events that one call carries, with the rows that they are from."""

    rows: list[_Stored]
    events: list[audit_pb2.AuditEvent]


class OutboxDelivery:
    """Delivers a service's events in the order in which they were stored. Start it once the server listens."""

    def __init__(self, service: str, table: Table, metadata: Metadata, clients: Clients, logger: Logger, metrics: OutboxMetrics) -> None:
        self._service = service
        self._table = table
        self._metadata = metadata
        self._clients = clients
        self._logger = logger
        self._metrics = metrics
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        # Refused events up to this position were retried since the start; None once all of them were.
        self._retried_to: int | None = 0

    def start(self) -> None:
        """Deliver what waits, retry the refused events once, then deliver what ``notify`` announces.

        A refused event stays refused until the ledger accepts it: only another build of this service or of the ledger can do that.
        """
        self._loop = asyncio.get_running_loop()
        self._retried_to = 0
        self._task = asyncio.create_task(self._run(), name=f"{self._service}-outbox")

    async def stop(self) -> None:
        """Stop; what isn't delivered waits for the next start."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def notify(self) -> None:
        """Announce that a transaction with events was committed. Any thread may call it, also before the start and after the stop."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.set)

    async def _run(self) -> None:
        while True:
            self._news.clear()
            await self._until_done(self._deliver_all)
            if self._retried_to is None:
                await self._news.wait()
            else:
                await self._until_done(self._retry_refused)

    async def _until_done(self, step: Callable[[], Awaitable[None]]) -> None:
        """Retry ``step`` after every failure: no other task would deliver the events."""
        failures = 0

        def goes_on(failure: Exception) -> bool:
            nonlocal failures
            failures += 1
            if not isinstance(failure, ChartlyError):
                self._logger.error("outbox failed", exception=failure)
            elif failures % _LOGGED_EVERY == 2:  # noqa: PLR2004 - the first is common while the host starts
                self._logger.warning("ledger is away", problem=failure.message, failures=failures)
            return True

        async for attempt in retrying(wait_s_max=_WAIT_S_MAX, retries=goes_on):
            with attempt:
                await step()
        if failures > 1:
            self._logger.info("ledger is back", failures=failures)

    async def _deliver_all(self) -> None:
        while True:
            found = await self._metadata.read(_oldest, self._table)
            if found:
                reached(OutboxPoint.EVENTS_READ)
            try:
                for call in _calls(found):
                    await self._deliver(call)
            except ChartlyError:
                await self._measure()
                raise
            if not found:
                await self._measure()
                return

    async def _retry_refused(self) -> None:
        """Deliver the next refused events; those that the ledger refuses again stay refused."""
        found = await self._metadata.read(_refused, self._table, self._retried_to or 0)
        for call in _calls(found):
            await self._deliver(call)
        self._retried_to = found[-1].position if found else None
        await self._measure()

    async def _deliver(self, call: _Call) -> None:
        first = call.rows[0]
        scope = replace(Scope.service(self._service, first.tenant, first.project), on_behalf_of=first.principal)
        try:
            await self._clients.acting(scope).audit.AppendEvents(audit_pb2.AppendEventsRequest(events=call.events))
        except RemoteError as refused:
            # Other refusals are about the connection between two services, such as a missing permission, and not about the event.
            if not refused.is_invalid:
                raise
            if len(call.rows) > 1:
                for row, event in zip(call.rows, call.events, strict=True):
                    await self._deliver(_Call([row], [event]))
                return
            self._logger.error("ledger refused an event", event_key=call.events[0].event_key, problem=refused.remote_message)  # noqa: TRY400 - our logger
            await self._metadata.write(_set_aside, self._table, first.position, refused.remote_message)
            return
        reached(OutboxPoint.EVENTS_DELIVERED)
        await self._metadata.write(_forget, self._table, [row.position for row in call.rows])
        self._metrics.delivered.labels(self._service).inc(len(call.rows))

    async def _measure(self) -> None:
        found = await self._metadata.read(backlog, self._table)
        self._metrics.waiting.labels(self._service).set(found.events)
        self._metrics.waiting_bytes.labels(self._service).set(found.bytes)
        self._metrics.refused.labels(self._service).set(found.refused)


def _oldest(connection: Connection, table: Table) -> list[_Stored]:
    return _page(connection, table, table.c.refusal == "")


def _refused(connection: Connection, table: Table, after: int) -> list[_Stored]:
    return _page(connection, table, and_(table.c.refusal != "", table.c.position > after))


def _page(connection: Connection, table: Table, wanted: ColumnElement[bool]) -> list[_Stored]:
    columns = [table.c[name] for name in _COLUMNS]
    query = select(*columns).where(wanted).order_by(table.c.position).limit(_EVENTS_A_CALL)
    return [_Stored(*row) for row in connection.execute(query)]


def _calls(found: Iterable[_Stored]) -> Iterator[_Call]:
    """Divide events into those that one call may carry: of one project and principal, in their order, up to the bound of bytes."""
    for _, same in itertools.groupby(found, key=lambda row: (row.tenant, row.project, row.principal)):
        call, call_bytes = _Call([], []), 0
        for row in same:
            event = _encoded(row.body)
            event_bytes = event.ByteSize() + _ITEM_BYTES
            if call.rows and call_bytes + event_bytes > _BYTES_A_CALL:
                yield call
                call, call_bytes = _Call([], []), 0
            call.rows.append(row)
            call.events.append(event)
            call_bytes += event_bytes
        yield call


def _forget(connection: Connection, table: Table, positions: Collection[int]) -> None:
    left = list(positions)
    for start in range(0, len(left), _POSITIONS_A_QUERY):
        connection.execute(delete(table).where(table.c.position.in_(left[start : start + _POSITIONS_A_QUERY])))


def _set_aside(connection: Connection, table: Table, position: int, why: str) -> None:
    refusal = why[:_REFUSAL_CHARACTERS_MAX] or "refused"
    connection.execute(update(table).where(table.c.position == position).values(refusal=refusal))


def _encoded(body: str) -> audit_pb2.AuditEvent:
    event = msgspec.json.decode(body, type=Event)
    made = audit_pb2.AuditEvent(event_key=event.key, type=event.type, run_id=event.run_id, subject=event.subject)
    made.occurred_at.FromDatetime(event.occurred_at)
    made.details.update(event.details)
    return made
