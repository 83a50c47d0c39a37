"""One call's worth of a sync: fetch a page, store it, move the cursor, until the call's pages or the source end.

It orders the steps so that a crash between any two loses no page: bytes durable first, then page and cursor together.
"""

import asyncio
import time
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from chartly.connector_hub.blob_writer import keep
from chartly.connector_hub.domain import pages
from chartly.connector_hub.domain.connector import Connector
from chartly.connector_hub.domain.pages import Cursor, CursorStuck, PageFacts
from chartly.connector_hub.errors import CircuitOpen, PageLimitReached, SourcePaused, UpstreamBadResponse, UpstreamUnavailable
from chartly.connector_hub.failpoints import Point
from chartly.connector_hub.metrics import HubMeter
from chartly.connector_hub.store import SourceRow, SourceStore, StoredPage, SyncStore
from chartly.connector_hub.upstream.fetcher import Fetcher, Page, Tally
from chartly.connector_hub.upstream.request_rate import Paces
from chartly.native import DepthExceeded, MalformedJson, QueryTooExpensive, count_elements, query
from chartly.platform.blocking import Blocking
from chartly.platform.clock import Clock
from chartly.platform.errors import ChartlyError
from chartly.platform.failpoints import reached
from chartly.platform.identity.scope import Scope
from chartly.platform.rpc.clients import Clients
from chartly.platform.secrets import SecretStore
from chartly.platform.telemetry.log import Logger
from chartly.v1 import common_pb2

# Of a call's deadline of 30 seconds; past it the item waits in the queue, which holds no page in memory.
_STORE_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What one call of a sync gave."""

    pages: list[common_pb2.RawRef]
    finished: bool
    tally: Tally


class Syncs:
    """Runs sync calls, one at a time for a {run, source}. Used from one event loop."""

    def __init__(
        self,
        clients: Clients,
        clock: Clock,
        blocking: Blocking,
        secrets: SecretStore,
        sources: SourceStore,
        cursors: SyncStore,
        meter: HubMeter,
        logger: Logger,
        *,
        private_allowed: bool,
        pages_max: int,
    ) -> None:
        self._clients = clients
        self._clock = clock
        self._blocking = blocking
        self._secrets = secrets
        self._sources = sources
        self._cursors = cursors
        self._meter = meter
        self._logger = logger
        self._paces = Paces()
        # By {project, run, source}; gone with the last call that waits for it.
        self._locks: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = WeakValueDictionary()
        self._private_allowed = private_allowed
        self._pages_max = pages_max

    async def sync(
        self,
        scope: Scope,
        run_id: str,
        frozen: common_pb2.FrozenProfile,
        source: Connector,
        *,
        sequence: int,
        count: int,
    ) -> SyncResult:
        """Fetch up to ``count`` pages as call number ``sequence`` of the run's sync.

        Raises:
            EgressDenied, UpstreamUnavailable, UpstreamBadResponse, PageTooLarge: as the upstream gives cause to.
            CircuitOpen, SourcePaused: the source may not be asked now.
            PageLimitReached: the source has more pages than one sync may read.
        """
        key = (scope.name, run_id, source.source_id)
        # A lease that was lost may still be worked on by the drone that lost it; the second call then finds the first one's pages.
        async with self._locks.setdefault(key, asyncio.Lock()):
            return await self._sync(scope, key, frozen, source, sequence=sequence, count=count)

    async def _sync(
        self, scope: Scope, key: tuple[str, str, str], frozen: common_pb2.FrozenProfile, source: Connector, *, sequence: int, count: int
    ) -> SyncResult:
        row = await self._sources.seen(scope.name, source.source_id, frozen.ref, frozen.hash)
        cursor = await self._cursors.open(*key, pages.begin(source.pagination))
        given = [common_pb2.RawRef.FromString(page.raw) for page in await self._cursors.pages(*key, sequence)]
        if cursor.finished or len(given) >= count:
            return SyncResult(given, cursor.finished, Tally())
        self._may_ask(row)
        secret = await self._blocking.run(
            lambda: self._secrets.get(scope, source.auth.secret.name, source.auth.secret.key) if source.auth.secret else None
        )
        pace = self._paces.of(scope.name, source.source_id, source.requests_per_minute)
        async with Fetcher(source, secret, pace, self._clock, private_allowed=self._private_allowed) as fetcher:
            while not cursor.finished and len(given) < count:
                raw, cursor = await self._page(key, source, fetcher, cursor, sequence)
                given.append(raw)
        self._logger.info(
            "pages fetched",
            source_id=source.source_id,
            pages=len(given),
            requests=fetcher.tally.requests,
            retries=fetcher.tally.retries,
            finished=cursor.finished,
        )
        return SyncResult(given, cursor.finished, fetcher.tally)

    def _may_ask(self, row: SourceRow) -> None:
        if row.paused:
            raise SourcePaused(row.source_id)
        wait_s = row.breaker.wait_s(self._clock.now())
        if wait_s > 0:
            raise CircuitOpen(row.source_id, retry_after_s=wait_s)

    async def _page(
        self, key: tuple[str, str, str], source: Connector, fetcher: Fetcher, cursor: Cursor, sequence: int
    ) -> tuple[common_pb2.RawRef, Cursor]:
        bound = min(source.pagination.pages_max, self._pages_max)
        if cursor.pages >= bound:
            raise PageLimitReached(source.source_id, bound)
        before, began = replace(fetcher.tally), time.monotonic()
        try:
            page = await fetcher.fetch(pages.parameters(source.pagination, cursor))
            facts = await self._blocking.run(page_facts, source, page)
            after = pages.advance(source.pagination, cursor, facts)
        except CursorStuck as stuck:
            failure = UpstreamBadResponse(source.source_id, "the cursor points at its own page")
            await self._note_failure(key[0], source, fetcher.tally, before, failure)
            raise failure from stuck
        except ChartlyError as failure:
            await self._note_failure(key[0], source, fetcher.tally, before, failure)
            raise
        raw = await self._store(source, page)
        stored = StoredPage(cursor.pages, sequence, raw.SerializeToString())
        reached(Point.PAGE_DURABLE)
        await self._cursors.record(*key, stored, after)
        reached(Point.CURSOR_MOVED)
        await self._note_success(key[0], source, fetcher.tally, before, len(page.body))
        self._meter.fetched(key[0], source.source_id, _cost(fetcher.tally, before), len(page.body), time.monotonic() - began)
        return raw, after

    async def _store(self, source: Connector, page: Page) -> common_pb2.RawRef:
        # A store that is away or slow is waited for: asking the upstream again would cost both sides more.
        return await keep(self._clients, page.body, page.content_type, source.source_id, _STORE_PATIENCE_S)

    async def _note_success(self, project: str, source: Connector, tally: Tally, before: Tally, size: int) -> None:
        now = self._clock.now()
        await self._sources.change(
            project,
            source.source_id,
            lambda row: replace(
                _counted(row, tally, before),
                bytes_ingested=row.bytes_ingested + size,
                last_page_at=now,
                last_reason="",
                breaker=row.breaker.succeeded(),
            ),
        )

    async def _note_failure(self, project: str, source: Connector, tally: Tally, before: Tally, failure: ChartlyError) -> None:
        """Count it; only an upstream that does not answer opens the breaker, not one that we may not or cannot read."""
        now, opens = self._clock.now(), isinstance(failure, UpstreamUnavailable)
        self._meter.failed(project, source.source_id, _cost(tally, before), failure.reason)
        self._logger.warning("page not fetched", source_id=source.source_id, reason=failure.reason, problem=failure.message)
        await self._sources.change(
            project,
            source.source_id,
            lambda row: replace(
                _counted(row, tally, before),
                last_reason=failure.reason,
                breaker=row.breaker.failed(now, source.failures_max, source.open_ms) if opens else row.breaker,
            ),
        )


def page_facts(source: Connector, page: Page) -> PageFacts:
    """Read from a page what the next step needs, and nothing else.

    Raises:
        UpstreamBadResponse: the page is not JSON that can be read, or its cursor is neither text nor a number.
    """
    mode = source.pagination.mode
    if mode == "none":
        return PageFacts("", 0)
    try:
        if mode == "cursor":
            return PageFacts(_cursor(source, query(source.pagination.response_field, page.body)), 0)
        return PageFacts("", count_elements(source.pagination.records_field, page.body))
    except MalformedJson as malformed:
        raise UpstreamBadResponse(source.source_id, f"the page is not JSON: {malformed}") from malformed
    except DepthExceeded as deep:
        raise UpstreamBadResponse(source.source_id, f"the page is {deep}") from deep
    except QueryTooExpensive as expensive:
        raise UpstreamBadResponse(source.source_id, f"the page is not read: {expensive}") from expensive


def _cursor(source: Connector, found: list[object]) -> str:
    match found:
        case [] | [None] | [""]:
            return ""
        case [str(text)]:
            return text
        case [bool()]:
            raise UpstreamBadResponse(source.source_id, "the cursor is neither text nor a number")
        case [int(number)]:
            return str(number)
        case _:
            raise UpstreamBadResponse(source.source_id, "the cursor is neither text nor a number")


def _cost(tally: Tally, before: Tally) -> Tally:
    return Tally(tally.requests - before.requests, tally.retries - before.retries)


def _counted(row: SourceRow, tally: Tally, before: Tally) -> SourceRow:
    cost = _cost(tally, before)
    return replace(row, requests=row.requests + cost.requests, retries=row.retries + cost.retries)
