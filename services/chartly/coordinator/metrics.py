"""The queue's metrics, read when scraped. They have no label of the tenant, which would be without bound."""

from prometheus_client import CollectorRegistry, Gauge

from .engine import QueueEngine


def watch(engine: QueueEngine, registry: CollectorRegistry) -> None:
    """Register gauges of the engine's depth and progress."""
    ready = Gauge("chartly_queue_ready_items", "Work items that could be leased now.", registry=registry)
    ready.set_function(lambda: engine.ready)
    held = Gauge("chartly_queue_open_items", "Work items that wait or are leased.", ("state",), registry=registry)
    held.labels("leased").set_function(lambda: engine.leased)
    held.labels("queued").set_function(lambda: engine.queued)
    finished = Gauge("chartly_queue_finished_items", "Work items that have ended, ever.", registry=registry)
    finished.set_function(lambda: engine.finished)
