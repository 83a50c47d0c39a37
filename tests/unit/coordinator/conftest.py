"""A queue and a fleet with bounds that tests can reach."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from chartly.coordinator.domain.depth import QueueBounds
from chartly.coordinator.domain.fleet import Fleet, FleetRules
from chartly.coordinator.domain.model import RegisteredDrone, WorkItem
from chartly.coordinator.domain.queue import Queue, QueueRules
from chartly.coordinator.service import backoffs
from chartly.platform.config import Limits

MakeItem = Callable[..., WorkItem]
MakeQueue = Callable[..., Queue]
Join = Callable[..., RegisteredDrone]

BOUNDS = QueueBounds(1_000, 1_000, 1_000, 1 << 20, 1 << 30, 1 << 30, 1 << 30)
RULES = QueueRules(BOUNDS, lease_ms=1_000, leases_max=16, losses_max=3, age_max_ms=1_000_000, backoffs=backoffs(Limits()))


@pytest.fixture
def make_item() -> MakeItem:
    """Return an item; each is newer than the one before."""
    numbers = count(1)

    def make(tenant: str = "t1", source: str = "s1", **fields: Any) -> WorkItem:
        number = next(numbers)
        made = WorkItem(
            work_id=f"work_{number:04}",
            work_key=f"key-{number}",
            kind="normalize",
            tenant=tenant,
            project="p",
            source_id=source,
            run_id="run_1",
            step="normalize",
            principal="user:ada",
            task=b"{}",
            data_bytes=1,
            attempts_max=3,
            enqueued_at_ms=0,
            position=number,
        )
        return replace(made, **fields)

    return make


@pytest.fixture
def make_queue() -> MakeQueue:
    """Return a queue, with rules of the test's own if it needs them."""

    def make(*items: WorkItem, **rules: Any) -> Queue:
        return Queue(replace(RULES, **rules), items)

    return make


@pytest.fixture
def fleet() -> Fleet:
    """A fleet that drones can join."""
    return Fleet(FleetRules(drones_max=10, silent_ms=1_000, forgotten_ms=10_000))


@pytest.fixture
def join(fleet: Fleet) -> Join:
    """Register a drone by name."""

    def register(name: str = "one", kinds: Iterable[str] = (), now_ms: int = 0) -> RegisteredDrone:
        return fleet.register(name, frozenset(kinds), now_ms, lambda: f"drone_{name}")

    return register
