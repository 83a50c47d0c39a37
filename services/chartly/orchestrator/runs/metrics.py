"""The runs' metrics: ends by state, records, and durations. They have no label of tenant or workflow, which would be without bound."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from chartly.orchestrator.domain.run import Transition

# From a run over one small page to one that ends at its greatest age, six hours.
_BUCKETS_S = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 21_600)


class RunMeter:
    """RunCounts runs as they end; called on the event loop once the end is durable."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ended = Counter("chartly_runs_ended", "Runs that ended, by their last state.", ("state",), registry=registry)
        self._seconds = Histogram("chartly_run_seconds", "Time from start to end of a run.", registry=registry, buckets=_BUCKETS_S)
        self._records = Counter("chartly_run_records", "Records of ended runs, by what became of them.", ("outcome",), registry=registry)

    def follow(self, transition: Transition) -> None:
        """Count a run that this transition ended: only such a transition has the ledger event of the end."""
        run = transition.run
        if not any(event.type == f"workflow.run.{run.state.value}" for event in transition.events) or not run.state.ended:
            return
        self._ended.labels(run.state.value).inc()
        self._seconds.observe((run.ended_at_ms - run.created_at_ms) / 1000)
        for outcome in ("canonical", "duplicates", "quarantined", "replayed"):
            self._records.labels(outcome).inc(getattr(run.counts, outcome))
