"""How long an item waits before its next attempt."""

import pytest

from chartly.coordinator.domain.backoff import RETRY_AFTER_MS_MAX, wait_ms


@pytest.mark.parametrize("reason", ["INTERNAL", "UPSTREAM_UNAVAILABLE", "SERVICE_UNAVAILABLE", "CIRCUIT_OPEN", "QUEUE_FULL"])
def test_wait_doubles_up_to_its_bound(reason: str) -> None:
    """Each wait lies between half of its bound and the bound, and the bound stops growing."""
    waits = [[wait_ms(f"work_{n}", 1, reason, failures) for n in range(50)] for failures in range(1, 12)]
    assert all(max(each) <= 2 * min(each) + 1 for each in waits)
    assert max(waits[1]) > max(waits[0])
    assert max(waits[-1]) <= 60_000


def test_waits_of_a_herd_spread() -> None:
    """Fifty items that failed together do not come back together."""
    assert len({wait_ms(f"work_{n}", 1, "INTERNAL", 1) for n in range(50)}) > 30


def test_wait_replays() -> None:
    """The same attempt of the same item waits the same time: a simulation can be run again."""
    assert wait_ms("work_1", 3, "INTERNAL", 2) == wait_ms("work_1", 3, "INTERNAL", 2)


def test_asked_pause_is_never_undercut_nor_endless() -> None:
    """What a service asks for is kept, up to the bound."""
    assert wait_ms("work_1", 1, "INTERNAL", 1, 20_000) == 20_000
    assert wait_ms("work_1", 1, "INTERNAL", 1, 10**9) == RETRY_AFTER_MS_MAX
