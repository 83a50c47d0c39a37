"""The configured limits of the queue, each at its bound."""

import pytest

from chartly.coordinator.errors import QueueFull
from chartly.coordinator.service import queue_rules
from chartly.platform.config import Limits

from .conftest import MakeItem, MakeQueue


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
