"""The circuit breaker of a source."""

from datetime import UTC, datetime, timedelta

from chartly.connector_hub.domain.breaker import Breaker

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)


def failed(times: int) -> Breaker:
    """A breaker after some failures in a row."""
    breaker = Breaker()
    for _ in range(times):
        breaker = breaker.failed(NOON, failures_max=3, open_ms=30_000)
    return breaker


def test_it_opens_at_its_bound_and_not_before() -> None:
    """Two failures leave it closed, the third opens it."""
    assert [failed(times).state(NOON) for times in (2, 3)] == ["closed", "open"]


def test_it_lets_one_try_after_its_time() -> None:
    """Open for its time, then half-open."""
    later = NOON + timedelta(seconds=30)
    assert (failed(3).wait_s(NOON), failed(3).state(later), failed(3).wait_s(later)) == (30.0, "half-open", 0.0)


def test_a_failed_try_opens_it_again_and_a_good_one_closes_it() -> None:
    """The half-open try decides."""
    later = NOON + timedelta(seconds=30)
    assert failed(3).failed(later, failures_max=3, open_ms=30_000).state(later) == "open"
    assert failed(3).succeeded().state(later) == "closed"
