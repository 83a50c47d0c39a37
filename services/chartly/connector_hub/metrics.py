"""The hub's metrics: requests to sources, their outcome, and pushes. No label names a tenant or a source, which would have no bound."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from .upstream.fetcher import RequestCounts

# From a page of a source on this machine to the retries of one that answers nothing.
_BUCKETS_S = (0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60)


class HubMetrics:
    """Counts pages, requests and pushes. Used from one event loop."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter("chartly_connector_requests", "Requests sent to sources.", registry=registry)
        self._retries = Counter("chartly_connector_retries", "Requests that were attempts after the first.", registry=registry)
        self._bytes = Counter("chartly_connector_bytes_ingested", "Bytes of pages and pushes, as they were stored.", registry=registry)
        self._failures = Counter("chartly_connector_failures", "Pages that were not fetched, by reason.", ("reason",), registry=registry)
        self._seconds = Histogram(
            "chartly_connector_duration_seconds",
            "Time to a durable page, retries and pace included.",
            registry=registry,
            buckets=_BUCKETS_S,
        )
        self._pushes = Counter("chartly_connector_pushes", "Pushes that were stored.", registry=registry)
        self._refused = Counter("chartly_connector_pushes_refused", "Pushes that were refused, by reason.", ("reason",), registry=registry)
        health = Gauge(
            "chartly_connector_sources", "Sources that this process has asked, by how the last page went.", ("health",), registry=registry
        )
        health.labels("healthy").set_function(lambda: sum(self._healthy.values()))
        health.labels("failing").set_function(lambda: len(self._healthy) - sum(self._healthy.values()))
        self._healthy: dict[tuple[str, str], bool] = {}

    def fetched(self, project: str, source_id: str, cost: RequestCounts, size: int, seconds: float) -> None:
        """Note a page that is durable."""
        self._asked(cost)
        self._bytes.inc(size)
        self._seconds.observe(seconds)
        self._healthy[project, source_id] = True

    def ended(self, project: str, source_id: str, cost: RequestCounts) -> None:
        """Note an answer without content."""
        self._asked(cost)
        self._healthy[project, source_id] = True

    def failed(self, project: str, source_id: str, cost: RequestCounts, reason: str) -> None:
        """Note a page that could not be fetched."""
        self._asked(cost)
        self._failures.labels(reason).inc()
        self._healthy[project, source_id] = False

    def pushed(self, size: int) -> None:
        """Note a push that is durable."""
        self._pushes.inc()
        self._bytes.inc(size)

    def refused(self, reason: str) -> None:
        """Note a push that was refused for now."""
        self._refused.labels(reason).inc()

    def _asked(self, cost: RequestCounts) -> None:
        self._requests.inc(cost.requests)
        self._retries.inc(cost.retries)
