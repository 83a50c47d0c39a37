"""How long an item waits before its next attempt."""

import pytest

from chartly.coordinator.domain.backoff import wait_ms
from chartly.coordinator.service import backoffs
from chartly.platform.config import Limits

BACKOFFS = backoffs(Limits())


@pytest.mark.parametrize("reason", ["INTERNAL", "UPSTREAM_UNAVAILABLE", "SERVICE_UNAVAILABLE", "CIRCUIT_OPEN", "QUEUE_FULL"])
def test_wait_doubles_up_to_its_bound(reason: str) -> None:
    """Each wait lies between half of its bound and the bound, and the bound stops growing."""
    waits = [[wait_ms(BACKOFFS, f"work_{n}", 1, reason, failures) for n in range(50)] for failures in range(1, 12)]
    assert all(max(each) <= 2 * min(each) + 1 for each in waits)
    assert max(waits[1]) > max(waits[0])
    assert max(waits[-1]) <= 60_000


def test_waits_of_a_herd_spread() -> None:
    """Fifty items that failed together do not come back together."""
    assert len({wait_ms(BACKOFFS, f"work_{n}", 1, "INTERNAL", 1) for n in range(50)}) > 30


def test_wait_replays() -> None:
    """The same attempt of the same item waits the same time: a simulation can be run again."""
    assert wait_ms(BACKOFFS, "work_1", 3, "INTERNAL", 2) == wait_ms(BACKOFFS, "work_1", 3, "INTERNAL", 2)


def test_asked_pause_is_never_undercut_nor_endless() -> None:
    """What a service asks for is kept, up to the bound."""
    assert wait_ms(BACKOFFS, "work_1", 1, "INTERNAL", 1, 20_000) == 20_000
    assert wait_ms(BACKOFFS, "work_1", 1, "INTERNAL", 1, 10**9) == BACKOFFS.asked_ms_max


def test_waits_are_configured_by_reason() -> None:
    """A reason's bounds are those of the configuration; a first bound above the last one counts as that."""
    slow = backoffs(Limits(retry_upstream_ms=8_000, retry_upstream_ms_max=4_000, retry_ms=2, retry_ms_max=2))
    assert 2_000 <= wait_ms(slow, "work_1", 1, "UPSTREAM_UNAVAILABLE", 1) <= 4_000
    assert 1 <= wait_ms(slow, "work_1", 1, "INTERNAL", 9) <= 2
