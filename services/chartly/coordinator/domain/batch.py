"""The commands on the queue. Commands of one batch run one after the other; the caller stores their changes in one transaction.

A command that raises a ``ChartlyError`` has changed nothing, so that the other commands of its batch can be committed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from chartly.coordinator.errors import LeaseLost, WorkUnknown

from .fleet import Fleet
from .model import AttemptFailure, RegisteredDrone, WorkItem, WorkState
from .queue import Queue


class StoredItems(Protocol):
    """Stored items, as the batch's transaction reads them."""

    def by_keys(self, keys: Collection[str]) -> Mapping[str, WorkItem]:
        """Find the items with these keys, open or ended."""
        ...

    def by_id(self, work_id: str) -> WorkItem | None:
        """Find one item, open or ended."""
        ...


@dataclass
class BatchChanges:
    """What a batch changed and the caller must store."""

    fresh: dict[str, WorkItem] = field(default_factory=dict[str, WorkItem])
    changed: dict[str, WorkItem] = field(default_factory=dict[str, WorkItem])
    drones: dict[str, RegisteredDrone] = field(default_factory=dict[str, RegisteredDrone])
    forgotten: list[str] = field(default_factory=list[str])

    def __bool__(self) -> bool:
        return bool(self.fresh or self.changed or self.drones or self.forgotten)

    def item(self, item: WorkItem) -> None:
        """Add an item's last state, for a new row or a stored one."""
        (self.fresh if item.work_id in self.fresh else self.changed)[item.work_id] = item

    def find(self, work_id: str) -> WorkItem | None:
        """Return an item as this batch has changed it."""
        return self.fresh.get(work_id) or self.changed.get(work_id)


@dataclass
class Batch:
    """The queue in memory, the stored items and the time of one batch."""

    queue: Queue
    fleet: Fleet
    stored: StoredItems
    now_ms: int
    position: int
    """The last position that an item has."""
    new_id: Callable[[str], str]
    """Makes an id with a prefix."""
    changes: BatchChanges = field(default_factory=BatchChanges)

    def enqueue(self, wanted: Sequence[WorkItem]) -> list[WorkItem]:
        """Queue the items whose key is unknown, all or none. Return each item as it is known now."""
        known = {item.work_key: item for item in self._known([item.work_key for item in wanted])}
        fresh: dict[str, WorkItem] = {}
        for item in wanted:
            if item.work_key not in known and item.work_key not in fresh:
                position = self.position + len(fresh) + 1
                fresh[item.work_key] = replace(item, work_id=self.new_id("work"), position=position, enqueued_at_ms=self.now_ms)
        self.queue.enqueue(list(fresh.values()))
        self.position += len(fresh)
        self.changes.fresh.update((item.work_id, item) for item in fresh.values())
        return [known.get(item.work_key) or fresh[item.work_key] for item in wanted]

    def register(self, name: str, kinds: frozenset[str]) -> RegisteredDrone:
        """Register a drone. Leases of its earlier process are released."""
        drone = self.fleet.register(name, kinds, self.now_ms, lambda: self.new_id("drone"))
        self._note(self.queue.release(drone.drone_id, self.now_ms))
        self.changes.drones[drone.drone_id] = drone
        return drone

    def heartbeat(self, drone_id: str, lease_ids: Sequence[str], *, draining: bool) -> list[str]:
        """Prolong a drone's leases, and return those that it has lost. Only a change of ``draining`` is stored."""
        before = self.fleet.get(drone_id)
        drone = self.fleet.heard(drone_id, self.now_ms, draining=draining)
        if drone.draining != before.draining:
            self.changes.drones[drone_id] = drone
        if draining:
            # It leases nothing more, so leases that it doesn't name are those whose response it never got.
            self._note(self.queue.release(drone_id, self.now_ms, kept=frozenset(lease_ids)))
        return self.queue.prolong(drone_id, lease_ids, self.now_ms)

    def lease(self, drone_id: str, count: int, waiting: frozenset[str]) -> list[WorkItem]:
        """Lease up to ``count`` items. The call counts as a heartbeat."""
        drone = self.fleet.heard(drone_id, self.now_ms)
        if drone.draining:
            return []
        able = frozenset(each for each in waiting if self.queue.held_by(each) < self.queue.rules.leases_max)
        leased = self.queue.lease(drone, count, self.now_ms, self.fleet, able - {drone_id})
        self._note(leased)
        return leased

    def give_back(self, leased: Sequence[WorkItem]) -> None:
        """Queue items again whose leases did not reach a drone."""
        self._note(self.queue.give_back(leased, self.now_ms))

    def complete(self, drone_id: str, work_id: str, lease_id: str, kind: str, outcome: bytes) -> WorkItem:
        """End an item as completed; a repeated call returns the ended item."""
        if self.queue.get(work_id) is None:
            return self._ended(work_id, lease_id, WorkState.COMPLETED)
        item = self.queue.complete(work_id, lease_id, kind, outcome, self.now_ms)
        self._note([item])
        self._count(drone_id, well=True)
        return item

    def fail(self, drone_id: str, work_id: str, lease_id: str, failure: AttemptFailure) -> WorkItem:
        """End an attempt as failed; a repeated call returns the item."""
        if self.queue.get(work_id) is None:
            return self._ended(work_id, lease_id, WorkState.FAILED)
        item = self.queue.fail(work_id, lease_id, failure, self.now_ms)
        self._note([item])
        if item.state is WorkState.FAILED:
            self._count(drone_id, well=False)
        return item

    def cancel(self, belongs: Callable[[WorkItem], bool]) -> list[WorkItem]:
        """Cancel all open items for which ``belongs`` is true. Return them as they were."""
        before = [item for item in self.queue.open_items() if belongs(item)]
        self._note(self.queue.cancel(belongs, self.now_ms))
        return before

    def tick(self) -> None:
        """Expire leases and forget silent drones that are due."""
        self._note(self.queue.expire(self.now_ms))
        gone = self.fleet.forget(self.now_ms)
        for drone_id in gone:
            self._note(self.queue.release(drone_id, self.now_ms))
            self.changes.drones.pop(drone_id, None)
        self.changes.forgotten += gone

    def _known(self, keys: Sequence[str]) -> list[WorkItem]:
        mine = {item.work_key: item for item in (*self.changes.fresh.values(), *self.changes.changed.values())}
        found = [self.queue.known(key) or mine.get(key) for key in keys]
        missing = {key for key, item in zip(keys, found, strict=True) if item is None}
        stored: Mapping[str, WorkItem] = self.stored.by_keys(missing) if missing else {}
        return [item for item in (*found, *stored.values()) if item is not None]

    def _ended(self, work_id: str, lease_id: str, state: WorkState) -> WorkItem:
        item = self.changes.find(work_id) or self.stored.by_id(work_id)
        if item is None:
            raise WorkUnknown(work_id)
        if item.state is not state or item.lease_id != lease_id:
            raise LeaseLost(work_id, lease_id)
        return item

    def _count(self, drone_id: str, *, well: bool) -> None:
        drone = self.fleet.ended(drone_id, well=well)
        if drone is not None:
            self.changes.drones[drone_id] = drone

    def _note(self, items: Iterable[WorkItem]) -> None:
        for item in items:
            self.changes.item(item)
