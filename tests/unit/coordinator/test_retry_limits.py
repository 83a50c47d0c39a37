"""The configured waits between attempts, each at its bound."""

import pytest

from chartly.coordinator.domain.backoff import wait_ms
from chartly.coordinator.service import backoffs
from chartly.platform.config import Limits

ITEMS = [f"work_{number}" for number in range(200)]


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("retry_ms", "retry_ms_max", "INTERNAL"),
        ("retry_upstream_ms", "retry_upstream_ms_max", "UPSTREAM_UNAVAILABLE"),
        ("retry_circuit_open_ms", "retry_upstream_ms_max", "CIRCUIT_OPEN"),
        ("retry_quota_ms", "retry_upstream_ms_max", "QUOTA_EXCEEDED"),
        ("retry_service_ms", "retry_service_ms_max", "SERVICE_UNAVAILABLE"),
        ("retry_queue_full_ms", "retry_queue_full_ms_max", "QUEUE_FULL"),
    ],
)
def test_wait_stays_between_its_first_and_last_bound(first: str, last: str, reason: str) -> None:
    """The first wait is from half of the first limit up to it; after many failures, from half of the last limit up to it."""
    waits = backoffs(Limits(**{first: 1_000, last: 16_000}))

    one, many = ([wait_ms(waits, item, failures, reason, failures) for item in ITEMS] for failures in (1, 40))

    assert min(one) >= 500
    assert 950 <= max(one) <= 1_000
    assert min(many) >= 8_000
    assert 15_200 <= max(many) <= 16_000


@pytest.mark.parametrize(("asked_ms", "waited_ms"), [(99_999, 99_999), (100_000, 100_000), (100_001, 100_000)])
def test_retry_asked_ms_max_bounds_the_pause_that_a_service_asks_for(asked_ms: int, waited_ms: int) -> None:
    """A pause up to the limit is kept; a longer one is cut there."""
    waits = backoffs(Limits(retry_asked_ms_max=100_000))

    assert wait_ms(waits, "work_1", 1, "INTERNAL", 1, asked_ms) == waited_ms
