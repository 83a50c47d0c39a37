"""Notes what became of each page: in the source's row, the metrics and the log."""

from dataclasses import replace

from chartly.connector_hub.metrics import HubMetrics
from chartly.connector_hub.store import SourceRow, SourceStore
from chartly.connector_hub.upstream.fetcher import RequestCounts
from chartly.platform.clock import Clock
from chartly.platform.errors import ChartlyError
from chartly.platform.telemetry.log import Logger


class PageOutcomes:
    """Outcomes of all sources."""

    def __init__(self, sources: SourceStore, metrics: HubMetrics, clock: Clock, logger: Logger) -> None:
        self._sources = sources
        self._metrics = metrics
        self._clock = clock
        self._logger = logger

    async def fetched(self, project: str, source_id: str, cost: RequestCounts, size_bytes: int, seconds: float) -> None:
        """Note a page that is durable."""
        now = self._clock.now()
        await self._sources.change(
            project,
            source_id,
            lambda row: replace(_counted(row, cost), bytes_ingested=row.bytes_ingested + size_bytes, last_page_at=now, last_reason=""),
        )
        self._metrics.fetched(project, source_id, cost, size_bytes, seconds)

    async def ended(self, project: str, source_id: str, cost: RequestCounts) -> None:
        """Note an answer without content, which ends a sync."""
        await self._sources.change(project, source_id, lambda row: replace(_counted(row, cost), last_reason=""))
        self._metrics.ended(project, source_id, cost)

    async def failed(self, project: str, source_id: str, cost: RequestCounts, failure: ChartlyError) -> None:
        """Note a page that was not fetched, and why."""
        self._metrics.failed(project, source_id, cost, failure.reason)
        self._logger.warning("page not fetched", source_id=source_id, reason=failure.reason, problem=failure.message)
        await self._sources.change(project, source_id, lambda row: replace(_counted(row, cost), last_reason=failure.reason))


def _counted(row: SourceRow, cost: RequestCounts) -> SourceRow:
    return replace(row, requests=row.requests + cost.requests, retries=row.retries + cost.retries)
