"""The coordinator as a simulated process: the real batch, queue and fleet on a disk that may fail. Each commit is checked."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chartly.coordinator.domain.batch import Batch, BatchChanges
from chartly.coordinator.domain.depth import QueueBounds, QueueDepth
from chartly.coordinator.domain.fleet import Fleet, FleetRules
from chartly.coordinator.domain.model import RegisteredDrone, WorkItem, WorkState
from chartly.coordinator.domain.queue import Queue, QueueRules
from chartly.coordinator.service import backoffs
from chartly.platform.config import Limits
from chartly.platform.errors import ChartlyError

from .world import Lost, Node

LEASE_MS = 3_000
# Small bounds, so that worlds meet them.
BOUNDS = QueueBounds(12, 8, 4, 1 << 20, 1 << 30, 1 << 30, 1 << 30)
RULES = QueueRules(BOUNDS, LEASE_MS, leases_max=4, losses_max=1_000, age_max_ms=10**9, backoffs=backoffs(Limits()))
FLEET = FleetRules(20, LEASE_MS, 60_000)
_TICK_MS = 200


@dataclass
class Disk:
    """The data that survives a crash."""

    items: dict[str, WorkItem] = field(default_factory=dict[str, WorkItem])
    keys: dict[str, str] = field(default_factory=dict[str, str])
    drones: dict[str, RegisteredDrone] = field(default_factory=dict[str, RegisteredDrone])
    ends: list[str] = field(default_factory=list[str])
    """Work ids in the order in which they ended."""
    position: int = 0
    opened: set[str] = field(default_factory=set[str])
    """Items that haven't ended."""

    def by_keys(self, keys: Collection[str]) -> Mapping[str, WorkItem]:
        """Return items by key."""
        return {key: self.items[self.keys[key]] for key in keys if key in self.keys}

    def by_id(self, work_id: str) -> WorkItem | None:
        """Return one item."""
        return self.items.get(work_id)


@dataclass(eq=False)
class QueueNode(Node):
    """The coordinator."""

    disk: Disk = field(default_factory=Disk)

    def start(self) -> None:
        """Take over the queue."""
        self._load()
        self.later(_TICK_MS, self._tick)

    def do(self, command: Callable[[Batch], Any]) -> Any:
        """Run one command as the engine does; return the reason of an error."""
        batch = Batch(self.queue, self.fleet, self.disk, self.clock_ms, self._position, self.world.new_id)
        try:
            outcome = command(batch)
        except ChartlyError as refused:
            outcome = refused
        batch.tick()
        try:
            if batch.changes:
                self.commit(lambda: self._write(batch.changes, batch.position))
        except Lost:
            self._load()
            return None
        self._position = batch.position
        self._check_memory()
        return outcome

    def finished_after(self, sequence: int, count: int = 20) -> list[WorkItem]:
        """Return the work that ended after a sequence."""
        return [self.disk.items[work_id] for work_id in self.disk.ends[sequence : sequence + count]]

    def _load(self) -> None:
        opened = sorted((self.disk.items[work_id] for work_id in self.disk.opened), key=lambda item: item.position)
        leased_until = self.clock_ms + LEASE_MS
        items = [replace(item, expires_at_ms=leased_until) if item.state is WorkState.LEASED else item for item in opened]
        self.queue = Queue(RULES, items, len(self.disk.ends))
        self.fleet = Fleet(FLEET, self.disk.drones.values())
        self._position = self.disk.position

    def _tick(self) -> None:
        self.do(lambda _: None)
        self.later(_TICK_MS, self._tick)

    def _write(self, changes: BatchChanges, position: int) -> None:
        ended: list[WorkItem] = []
        for item in (*changes.fresh.values(), *changes.changed.values()):
            before = self.disk.items.get(item.work_id)
            assert before is None or before.state.is_open, f"{item.work_id} changes after its end"
            assert before is None or item.attempts >= before.attempts, f"{item.work_id} forgets an attempt"
            self.disk.items[item.work_id] = item
            assert self.disk.keys.setdefault(item.work_key, item.work_id) == item.work_id, f"{item.work_key} is queued twice"
            if item.state.is_open:
                self.disk.opened.add(item.work_id)
            else:
                self.disk.opened.discard(item.work_id)
                ended.append(item)
        for item in sorted(ended, key=lambda item: item.finish_sequence):
            self.disk.ends.append(item.work_id)
            assert item.finish_sequence == len(self.disk.ends), f"{item.work_id} leaves a gap in the ends"
        self.disk.drones.update(changes.drones)
        for drone_id in changes.forgotten:
            self.disk.drones.pop(drone_id, None)
        self.disk.position = position

    def _check_memory(self) -> None:
        """Memory and disk must have the same open items, and the depths must equal a recount."""
        held = list(self.queue.open_items())
        assert {item.work_id for item in held} == self.disk.opened, "memory and disk differ in what is open"
        recount = QueueDepth(len(held), sum(len(item.task) for item in held), sum(item.data_bytes for item in held))
        assert self.queue.depths.all == recount, f"depth {self.queue.depths.all} is not {recount}"
        assert self.queue.leased == sum(item.state is WorkState.LEASED for item in held), "leases are miscounted"
        assert len(held) <= BOUNDS.items_all, "more items than the bound"
