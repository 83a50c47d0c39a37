"""The hub's metrics, as a scrape sees them."""

from prometheus_client import CollectorRegistry

from chartly.connector_hub.metrics import HubMetrics
from chartly.connector_hub.upstream.fetcher import RequestCounts

PROJECT = "tenant-demo/proj-sales"


def test_pages_are_counted_with_what_they_cost() -> None:
    """Stored pages count requests, retries, bytes and time; failed ones count their reason."""
    registry = CollectorRegistry()
    metrics = HubMetrics(registry)

    metrics.fetched(PROJECT, "sales-http", RequestCounts(3, 2), 1_000, 0.2)
    metrics.failed(PROJECT, "market-http", RequestCounts(4, 3), "UPSTREAM_UNAVAILABLE")

    assert registry.get_sample_value("chartly_connector_requests_total") == 7
    assert registry.get_sample_value("chartly_connector_retries_total") == 5
    assert registry.get_sample_value("chartly_connector_bytes_ingested_total") == 1_000
    assert registry.get_sample_value("chartly_connector_duration_seconds_count") == 1
    assert registry.get_sample_value("chartly_connector_failures_total", {"reason": "UPSTREAM_UNAVAILABLE"}) == 1


def test_a_source_is_as_healthy_as_its_last_page() -> None:
    """A source is healthy or failing by its last page, and is counted once."""
    registry = CollectorRegistry()
    metrics = HubMetrics(registry)

    metrics.failed(PROJECT, "sales-http", RequestCounts(1, 0), "UPSTREAM_BAD_RESPONSE")
    metrics.failed(PROJECT, "market-http", RequestCounts(1, 0), "UPSTREAM_BAD_RESPONSE")
    metrics.fetched(PROJECT, "sales-http", RequestCounts(1, 0), 10, 0.1)

    health = {name: registry.get_sample_value("chartly_connector_sources", {"health": name}) for name in ("healthy", "failing")}
    assert health == {"healthy": 1, "failing": 1}
