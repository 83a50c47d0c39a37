"""RED metrics of every method: rate, errors, duration. A service registers its own metrics on ``context.metrics``."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# From a cache hit over a unix socket (0.3 ms) to the deadline of a unary call (30 s).
_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class RpcMetrics:
    """Counts and measures the calls that a process serves."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter("chartly_rpc_requests", "Calls served, by their status.", ("service", "method", "code"), registry=registry)
        self._seconds = Histogram(
            "chartly_rpc_seconds",
            "Time from request to status.",
            ("service", "method"),
            registry=registry,
            buckets=_BUCKETS_S,
        )
        self._in_flight = Gauge("chartly_rpc_in_flight", "Calls being served.", registry=registry)

    def started(self) -> None:
        """Record the start of a call."""
        self._in_flight.inc()

    def finished(self, service: str, method: str, code: str, seconds: float) -> None:
        """Record the end of a call."""
        self._in_flight.dec()
        self._requests.labels(service, method, code).inc()
        self._seconds.labels(service, method).observe(seconds)
