"""The configured limits of the queue, each at its bound."""

import pytest

from chartly.coordinator.domain.fleet import Fleet
from chartly.coordinator.domain.model import WorkState
from chartly.coordinator.errors import QueueFull
from chartly.coordinator.service import fleet_rules, queue_rules
from chartly.platform.config import Limits

from .conftest import Join, MakeItem, MakeQueue


@pytest.mark.parametrize(
    ("limit", "level", "unit"),
    [
        ("queue_all_items_max", "all", "items"),
        ("queue_items_max", "tenant", "items"),
        ("queue_source_items_max", "source", "items"),
        ("queue_bytes_max", "all", "task_bytes"),
        ("queue_data_bytes_max", "all", "data_bytes"),
        ("queue_tenant_data_bytes_max", "tenant", "data_bytes"),
        ("queue_source_data_bytes_max", "source", "data_bytes"),
    ],
)
def test_limit_holds_exactly(make_queue: MakeQueue, make_item: MakeItem, limit: str, level: str, unit: str) -> None:
    """Four items of the limit's unit enter; a fifth is refused with the level, the unit and the limit's value."""
    queue = make_queue(bounds=queue_rules(Limits(**{limit: 4})).bounds)
    items = [make_item(task=b"1" if unit == "task_bytes" else b"", data_bytes=1) for _ in range(5)]

    queue.enqueue(items[:4])
    with pytest.raises(QueueFull) as refused:
        queue.enqueue(items[4:])

    assert (refused.value.level, refused.value.unit, refused.value.most) == (level, unit, 4)


def test_item_is_a_dead_letter_after_its_lost_leases(make_queue: MakeQueue, make_item: MakeItem, fleet: Fleet, join: Join) -> None:
    """An item is queued until it has lost work_losses_max leases; with the last one it fails."""
    rules = queue_rules(Limits(work_losses_max=2, lease_s=1))
    queue = make_queue(make_item(attempts_max=100), losses_max=rules.losses_max, lease_ms=rules.lease_ms)
    states: list[WorkState] = []
    for now_ms in (0, 1_000):
        assert queue.lease(join(), 1, now_ms, fleet, frozenset())
        states += [item.state for item in queue.expire(now_ms + 1_000)]
    assert states == [WorkState.QUEUED, WorkState.FAILED]


def test_silent_drone_is_forgotten_after_its_time() -> None:
    """A drone without a heartbeat is known for drone_forgotten_s, and then forgotten."""
    fleet = Fleet(fleet_rules(Limits(drone_forgotten_s=60)))
    drone = fleet.register("one", frozenset(), 0, lambda: "drone_1")
    assert fleet.forget(59_999) == []
    assert fleet.forget(60_000) == [drone.drone_id]
