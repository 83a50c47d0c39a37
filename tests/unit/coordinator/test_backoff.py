"""The wait of an item before its next attempt."""

import pytest

from chartly.coordinator.domain.backoff import wait_ms
from chartly.coordinator.service import backoffs
from chartly.platform.config import Limits

BACKOFFS = backoffs(Limits())


@pytest.mark.parametrize("reason", ["INTERNAL", "UPSTREAM_UNAVAILABLE", "SERVICE_UNAVAILABLE", "CIRCUIT_OPEN", "QUEUE_FULL"])
def test_wait_doubles_up_to_its_bound(reason: str) -> None:
    """Each wait is between half of its bound and its bound; the bound doubles up to a maximum."""
    waits = [[wait_ms(BACKOFFS, f"work_{n}", 1, reason, failures) for n in range(50)] for failures in range(1, 12)]
    assert all(max(each) <= 2 * min(each) + 1 for each in waits)
    assert max(waits[1]) > max(waits[0])
    assert max(waits[-1]) <= 60_000


def test_waits_of_many_items_differ() -> None:
    """Fifty items that failed at the same time wait for different times."""
    assert len({wait_ms(BACKOFFS, f"work_{n}", 1, "INTERNAL", 1) for n in range(50)}) > 30


def test_wait_is_deterministic() -> None:
    """The same attempt of the same item always waits for the same time, so a simulation can be replayed."""
    assert wait_ms(BACKOFFS, "work_1", 3, "INTERNAL", 2) == wait_ms(BACKOFFS, "work_1", 3, "INTERNAL", 2)


def test_requested_pause_is_kept_up_to_its_bound() -> None:
    """A pause that a service requests is kept, up to the bound."""
    assert wait_ms(BACKOFFS, "work_1", 1, "INTERNAL", 1, 20_000) == 20_000
    assert wait_ms(BACKOFFS, "work_1", 1, "INTERNAL", 1, 10**9) == BACKOFFS.asked_ms_max


def test_waits_are_configured_by_reason() -> None:
    """Waits follow the configuration of the reason; a first bound above the last one is lowered to it."""
    slow = backoffs(Limits(retry_upstream_ms=8_000, retry_upstream_ms_max=4_000, retry_ms=2, retry_ms_max=2))
    assert 2_000 <= wait_ms(slow, "work_1", 1, "UPSTREAM_UNAVAILABLE", 1) <= 4_000
    assert 1 <= wait_ms(slow, "work_1", 1, "INTERNAL", 9) <= 2
