"""The runs' metrics."""

from prometheus_client import CollectorRegistry
from tests.unit.orchestrator.conftest import Sim

from chartly.orchestrator.domain import advance
from chartly.orchestrator.runs.metrics import RunMeter


def test_each_run_is_counted_once_at_its_end(sim: type[Sim]) -> None:
    """A run's end counts state and records once; other transitions and repeated cancellations count nothing."""
    registry = CollectorRegistry()
    meter = RunMeter(registry)
    run = sim()
    for transition in (run.dispatched(), run.synced(1), run.normalized(canonical=3, quarantined=1), run.rolled_up()):
        meter.follow(transition)
    assert registry.get_sample_value("chartly_runs_ended_total", {"state": "succeeded"}) == 1
    assert registry.get_sample_value("chartly_run_records_total", {"outcome": "canonical"}) == 3
    assert registry.get_sample_value("chartly_run_seconds_count") == 1

    cancelled = advance.cancel(sim().run, 2_000)
    meter.follow(cancelled)
    meter.follow(advance.cancel(cancelled.run, 3_000))
    assert registry.get_sample_value("chartly_runs_ended_total", {"state": "cancelled"}) == 1
