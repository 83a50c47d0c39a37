"""The queue's bounds."""

from dataclasses import replace

import pytest

from chartly.coordinator.errors import QueueFull

from .conftest import BOUNDS, MakeItem, MakeQueue


@pytest.mark.parametrize(
    ("bound", "level", "unit"),
    [
        ("items_all", "all", "items"),
        ("items_tenant", "tenant", "items"),
        ("items_source", "source", "items"),
        ("task_bytes_all", "all", "task_bytes"),
        ("data_bytes_all", "all", "data_bytes"),
        ("data_bytes_tenant", "tenant", "data_bytes"),
        ("data_bytes_source", "source", "data_bytes"),
    ],
)
def test_every_bound_holds_exactly(make_queue: MakeQueue, make_item: MakeItem, bound: str, level: str, unit: str) -> None:
    """Items enter up to each bound; one more is refused with level and unit, and changes nothing."""
    queue = make_queue(bounds=replace(BOUNDS, **{bound: 4}))
    items = [make_item(task=b"{}" if unit == "task_bytes" else b"", data_bytes=1) for _ in range(5)]
    fits = 2 if unit == "task_bytes" else 4
    queue.enqueue(items[:fits])
    with pytest.raises(QueueFull) as refused:
        queue.enqueue(items[fits : fits + 1])
    assert (refused.value.level, refused.value.unit, refused.value.most) == (level, unit, 4)
    assert refused.value.retry_after_s > 0
    assert queue.depths.all.items == fits


def test_full_source_does_not_fill_its_tenant(make_queue: MakeQueue, make_item: MakeItem) -> None:
    """A source at its bound leaves room for other sources of its tenant."""
    queue = make_queue(make_item(), bounds=replace(BOUNDS, items_source=1))
    with pytest.raises(QueueFull):
        queue.enqueue([make_item()])
    queue.enqueue([make_item(source="other")])
    assert queue.depths.all.items == 2


def test_lone_item_above_a_byte_bound_may_enter(make_queue: MakeQueue, make_item: MakeItem) -> None:
    """A lone item above a bound of bytes is accepted, since it would be refused for ever otherwise."""
    queue = make_queue(bounds=replace(BOUNDS, data_bytes_source=10))
    queue.enqueue([make_item(data_bytes=100)])
    with pytest.raises(QueueFull):
        queue.enqueue([make_item(data_bytes=1)])


def test_deepest_sources_come_first_and_are_the_project_s_own(make_queue: MakeQueue, make_item: MakeItem) -> None:
    """The list has only sources of the caller's project, those with most items first."""
    queue = make_queue(make_item(source="a"), make_item(source="b"), make_item(source="b"), make_item("t2", "c"))
    assert [(source, depth.items) for source, depth in queue.depths.deepest("t1", "p", 10)] == [("b", 2), ("a", 1)]
