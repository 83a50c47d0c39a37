"""One call of a sync: fetch a page, store it, move the cursor, until the call has its pages or the source ends.

The order of the steps loses no page in a crash: bytes durable first, then page and cursor in one transaction.
"""

import asyncio
import time
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from chartly.connector_hub.blob_writer import write_blob
from chartly.connector_hub.domain import pages
from chartly.connector_hub.domain.connector import Connector
from chartly.connector_hub.domain.pages import Cursor, CursorStuck
from chartly.connector_hub.errors import CircuitOpen, PageLimitReached, SourcePaused, UpstreamBadResponse
from chartly.connector_hub.failpoints import SyncPoint
from chartly.connector_hub.store import SourceRow, SourceStore, StoredPage, SyncKey, SyncStore
from chartly.connector_hub.upstream.access import UpstreamAccess
from chartly.connector_hub.upstream.fetcher import Fetcher, RequestCounts, UpstreamPage
from chartly.platform.blocking import Blocking
from chartly.platform.config import Limits
from chartly.platform.config.secret import Secret
from chartly.platform.errors import ChartlyError
from chartly.platform.failpoints import reached
from chartly.platform.identity.scope import Scope
from chartly.platform.rpc.clients import Clients
from chartly.platform.secrets import SecretStore
from chartly.platform.telemetry.log import Logger
from chartly.v1 import common_pb2

from .page_facts import page_facts
from .page_outcomes import PageOutcomes
from .source_circuit import SourceCircuit

# Of a call's deadline of 30 seconds; after it the work item waits in the queue, which holds no page in memory.
_STORE_PATIENCE_S = 10.0
# A call that has pages begins no other page after this: past its deadline, nobody would get what it has.
_CALL_S = 10.0


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What one call of a sync answers."""

    pages: list[common_pb2.RawRef]
    finished: bool
    counts: RequestCounts


@dataclass(frozen=True, slots=True)
class SyncCall:
    """One call of a run's sync of a source."""

    scope: Scope
    run_id: str
    connector: common_pb2.FrozenProfile
    source: Connector
    sequence: int
    pages_max: int
    asked_by: str
    """The run that asks; a retry of ``run_id``, or the same."""

    @property
    def key(self) -> SyncKey:
        """What a cursor belongs to."""
        return SyncKey(self.scope.name, self.run_id, self.source.source_id, self.source.position_key)


class Syncs:
    """Runs calls of syncs, one at a time for each {run, source}. Used from one event loop."""

    def __init__(
        self,
        *,
        clients: Clients,
        blocking: Blocking,
        secrets: SecretStore,
        sources: SourceStore,
        cursors: SyncStore,
        access: UpstreamAccess,
        outcomes: PageOutcomes,
        limits: Limits,
        logger: Logger,
    ) -> None:
        self._clients = clients
        self._blocking = blocking
        self._secrets = secrets
        self._sources = sources
        self._cursors = cursors
        self._access = access
        self._outcomes = outcomes
        self._limits = limits
        self._logger = logger
        # By {project, run, source}; an entry lives as long as a call holds it or waits for it.
        self._locks: WeakValueDictionary[SyncKey, asyncio.Lock] = WeakValueDictionary()

    async def sync(self, call: SyncCall) -> SyncResult:
        """Fetch the pages of one call, or return those that it fetched before.

        A failure after a durable page ends the call with the pages before it, so that they are normalized; the next call has the failure.

        Raises:
            EgressDenied, UpstreamUnavailable, UpstreamBadResponse, PageTooLarge: a request failed.
            CircuitOpen, SourcePaused: the source may not be asked now.
            PageLimitReached: the source has more pages than one sync may read; the next sync continues behind them.
        """
        call = replace(call, source=call.source.within(self._limits))
        # A drone that lost its lease may still work on the call; the second call then finds the first one's pages.
        async with self._locks.setdefault(call.key, asyncio.Lock()):
            return await self._sync(call)

    async def _sync(self, call: SyncCall) -> SyncResult:
        scope, source = call.scope, call.source
        row = await self._sources.seen(scope.name, source.source_id, call.connector.ref, call.connector.hash)
        cursor, fetched = await self._open(call), await self._fetched(call)
        if cursor.finished or len(fetched) >= call.pages_max:
            return SyncResult(fetched, cursor.finished, RequestCounts())
        self._check_allowed(row)
        circuit = SourceCircuit(self._sources, self._access.clock, scope.name, source)
        ends = time.monotonic() + _CALL_S
        async with Fetcher(scope.name, source, await self._secret(scope, source), circuit, self._access) as fetcher:
            while not cursor.finished and len(fetched) < call.pages_max and not (fetched and time.monotonic() > ends):
                try:
                    cursor = await self._page(call, fetcher, cursor)
                except ChartlyError as failure:
                    if not fetched:
                        raise
                    self._logger.warning("sync ends early", source_id=source.source_id, pages=len(fetched), reason=failure.reason)
                    break
                fetched = await self._fetched(call)
        self._logger.info(
            "pages fetched",
            source_id=source.source_id,
            pages=len(fetched),
            requests=fetcher.counts.requests,
            retries=fetcher.counts.retries,
            finished=cursor.finished,
        )
        return SyncResult(fetched, cursor.finished, fetcher.counts)

    async def _open(self, call: SyncCall) -> Cursor:
        pagination = call.source.pagination
        return await self._cursors.open(call.key, call.asked_by, pages.begin(pagination), pagination.pages_max)

    async def _fetched(self, call: SyncCall) -> list[common_pb2.RawRef]:
        return [common_pb2.RawRef.FromString(page.raw) for page in await self._cursors.pages(call.key, call.sequence)]

    def _check_allowed(self, row: SourceRow) -> None:
        if row.paused:
            raise SourcePaused(row.source_id)
        # Each request passes the circuit; refused here, the call waits for no slot and no secret.
        wait_s = row.breaker.wait_s(self._access.clock.now())
        if wait_s > 0:
            raise CircuitOpen(row.source_id, retry_after_s=wait_s)

    async def _secret(self, scope: Scope, source: Connector) -> Secret | None:
        secret = source.auth.secret
        return await self._blocking.run(self._secrets.get, scope, secret.name, secret.key) if secret else None

    async def _page(self, call: SyncCall, fetcher: Fetcher, cursor: Cursor) -> Cursor:
        """Fetch the page at ``cursor`` and store it; return the cursor behind it."""
        project, source = call.scope.name, call.source
        if cursor.at_bound:
            raise PageLimitReached(source.source_id, source.pagination.pages_max)
        before, began = replace(fetcher.counts), time.monotonic()
        try:
            page, after = await self._fetch(source, fetcher, cursor)
        except CircuitOpen:
            # Nothing was sent; the source keeps the reason of the failure that opened the circuit.
            raise
        except ChartlyError as failure:
            await self._outcomes.failed(project, source.source_id, _cost(fetcher.counts, before), failure)
            raise
        if page.is_no_content:
            await self._cursors.finish(call.key, cursor)
            await self._outcomes.ended(project, source.source_id, _cost(fetcher.counts, before))
            return await self._open(call)
        # A store that is away is waited for: another request to the upstream would cost both sides more.
        raw = await write_blob(self._clients, page.body, page.content_type, source.source_id, _STORE_PATIENCE_S)
        reached(SyncPoint.PAGE_DURABLE)
        moved = await self._cursors.record(call.key, StoredPage(cursor.pages, call.sequence, raw.SerializeToString()), after)
        reached(SyncPoint.CURSOR_MOVED)
        cost = _cost(fetcher.counts, before)
        await self._outcomes.fetched(project, source.source_id, cost, len(page.body), time.monotonic() - began)
        # Another process may have moved the cursor, for a drone that got the lease of this call; the sync goes on from there.
        return after if moved else await self._open(call)

    async def _fetch(self, source: Connector, fetcher: Fetcher, cursor: Cursor) -> tuple[UpstreamPage, Cursor]:
        page = await fetcher.fetch(pages.parameters(source.pagination, cursor))
        facts = await self._blocking.run(page_facts, source, page)
        try:
            return page, pages.advance(source.pagination, cursor, facts)
        except CursorStuck as stuck:
            raise UpstreamBadResponse(
                source.source_id, "the cursor for the next page equals this page's cursor, so the sync would never end"
            ) from stuck


def _cost(counts: RequestCounts, before: RequestCounts) -> RequestCounts:
    return RequestCounts(counts.requests - before.requests, counts.retries - before.retries)
