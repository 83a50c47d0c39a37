"""The queue: open items, their leases and their ends. Every transition of an item is made here and nowhere else.

    queued ──lease──▶ leased ──complete──▶ completed
      ▲                 │ fail, expire, release
      └──── wait ───────┤
                        └──last attempt──▶ failed          queued, leased ──cancel──▶ cancelled

Methods change the memory and return the changed items, which the caller stores in one transaction. When that fails, the caller
drops this object and builds a new one from the database. Ended items leave the memory: the caller reads them from the database.
"""

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from chartly.coordinator.errors import LeaseLost, OutcomeMismatch

from .backoff import REFUSALS, Backoffs, wait_ms
from .depth import QueueBounds, QueueDepths
from .fair_queue import FairQueue
from .fleet import Fleet
from .model import AttemptFailure, RegisteredDrone, WorkItem, WorkState

LOST = "LEASE_LOST"
"""Reason of an attempt whose lease expired."""


@dataclass(frozen=True, slots=True)
class QueueRules:
    """Times and bounds of the queue."""

    bounds: QueueBounds
    lease_ms: int
    leases_max: int
    """Leases that one drone may hold."""
    losses_max: int
    age_max_ms: int
    """Age at which an item that is only ever refused ends as failed."""
    backoffs: Backoffs


class Queue:
    """Open work. One owner, the engine; not safe for several threads."""

    def __init__(self, rules: QueueRules, items: Iterable[WorkItem] = (), finished: int = 0) -> None:
        self.rules = rules
        self.finished = finished
        """The last finish sequence that was assigned."""
        self.depths = QueueDepths(rules.bounds)
        self._items: dict[str, WorkItem] = {}
        self._by_key: dict[str, str] = {}
        self._held: dict[str, set[str]] = {}
        self._fair_queue = FairQueue()
        # Times at which something may be due. An entry may be stale; the item itself has the right time.
        self._due: list[tuple[int, str]] = []
        for item in items:
            self._open(item)

    def known(self, work_key: str) -> WorkItem | None:
        """Return the open item with this key."""
        work_id = self._by_key.get(work_key)
        return self._items[work_id] if work_id else None

    def get(self, work_id: str) -> WorkItem | None:
        """Return an open item."""
        return self._items.get(work_id)

    def held_by(self, drone_id: str) -> int:
        """Return the number of leases that a drone holds."""
        return len(self._held.get(drone_id, ()))

    def items_of(self, drone_id: str) -> list[WorkItem]:
        """Return the items that a drone holds."""
        return [self._items[work_id] for work_id in self._held.get(drone_id, ())]

    def open_items(self) -> Iterable[WorkItem]:
        """Return all open items, for statistics."""
        return self._items.values()

    @property
    def leased(self) -> int:
        """The number of leased items."""
        return sum(len(held) for held in self._held.values())

    def enqueue(self, items: Sequence[WorkItem]) -> None:
        """Add new items, all or none; their keys must be unknown.

        Raises:
            QueueFull: a bound would be passed.
        """
        self.depths.check(items)
        for item in items:
            self._open(item)

    def lease(self, drone: RegisteredDrone, count: int, now_ms: int, fleet: Fleet, waiting: frozenset[str]) -> list[WorkItem]:
        """Lease up to ``count`` items to a drone, in fair order.

        An item is left to its owner on the ring when that drone waits for work; when the owner is busy, the asking drone gets it.
        """
        self._make_ready(now_ms)
        ring = fleet.ring(now_ms)
        loads = {drone_id: len(held) for drone_id, held in self._held.items()}

        def suits(item: WorkItem) -> int:
            if not drone.takes(item.kind):
                return 0
            owner = ring.owner(item.shard, loads, ring.bound(loads))
            if owner == drone.drone_id:
                return 2
            return 0 if owner in waiting and fleet.get(owner).takes(item.kind) else 1

        leased: list[WorkItem] = []
        while len(leased) < count and self.held_by(drone.drone_id) < self.rules.leases_max:
            item = self._fair_queue.take(suits)
            if item is None:
                break
            leased.append(self._lease(item, drone.drone_id, now_ms))
            loads[drone.drone_id] = loads.get(drone.drone_id, 0) + 1
        return leased

    def complete(self, work_id: str, lease_id: str, kind: str, outcome: bytes, now_ms: int) -> WorkItem:
        """End an item as completed. A lease that expired still counts while no other drone took the item: its work was done.

        Raises:
            LeaseLost: the item is open, and its last lease is another.
            OutcomeMismatch: the outcome is that of another kind of work.
        """
        item = self._of_lease(work_id, lease_id)
        if kind != item.kind:
            raise OutcomeMismatch(item.kind, kind)
        return self._end(replace(item, outcome=outcome, reason="", message=""), WorkState.COMPLETED, now_ms)

    def fail(self, work_id: str, lease_id: str, failure: AttemptFailure, now_ms: int) -> WorkItem:
        """End an attempt as failed. A repeated report finds the item queued and changes nothing.

        Raises:
            LeaseLost: as ``complete``.
        """
        item = self._of_lease(work_id, lease_id)
        if item.state is not WorkState.LEASED:
            return item
        refused = failure.reason in REFUSALS and not failure.final
        item = replace(
            item,
            faults=item.faults + (not refused),
            refusals=item.refusals + 1 if refused else 0,
            reason=failure.reason,
            message=failure.message,
        )
        too_old = now_ms - item.enqueued_at_ms >= self.rules.age_max_ms
        if failure.final or item.faults >= item.attempts_max or too_old:
            return self._end(item, WorkState.FAILED, now_ms)
        in_a_row = item.refusals if refused else item.faults
        pause_ms = wait_ms(self.rules.backoffs, item.work_id, item.attempts, failure.reason, in_a_row, failure.retry_after_ms)
        return self._wait(item, now_ms + pause_ms, now_ms)

    def prolong(self, drone_id: str, lease_ids: Iterable[str], now_ms: int) -> list[str]:
        """Prolong a drone's leases, and return those that it no longer holds.

        Kept in memory only: after a restart every lease gets its whole length, so nothing is lost.
        """
        held = {self._items[work_id].lease_id: work_id for work_id in self._held.get(drone_id, ())}
        lost: list[str] = []
        for lease_id in lease_ids:
            work_id = held.get(lease_id)
            if work_id is None:
                lost.append(lease_id)
                continue
            self._items[work_id] = replace(self._items[work_id], expires_at_ms=now_ms + self.rules.lease_ms)
            self._push(now_ms + self.rules.lease_ms, work_id)
        return lost

    def release(self, drone_id: str, now_ms: int, kept: frozenset[str] = frozenset()) -> list[WorkItem]:
        """End a drone's leases, except those ``kept``, without waiting for them to expire."""
        held = sorted(self.items_of(drone_id), key=lambda item: item.position)
        return [self._lose(item, now_ms) for item in held if item.lease_id not in kept]

    def give_back(self, leased: Sequence[WorkItem], now_ms: int) -> list[WorkItem]:
        """End leases that no drone has received. Unlike ``release`` this counts no lost lease: the work has not begun."""
        now = [self._items.get(item.work_id) for item in leased]
        same = [item for item, was in zip(now, leased, strict=True) if item is not None and item.lease_id == was.lease_id]
        return [self._wait(item, now_ms, now_ms) for item in same if item.state is WorkState.LEASED]

    def expire(self, now_ms: int) -> list[WorkItem]:
        """End leases that have expired, and make items ready whose backoff is over."""
        lost: list[WorkItem] = []
        while self._due and self._due[0][0] <= now_ms:
            _, work_id = heapq.heappop(self._due)
            item = self._items.get(work_id)
            if item is None:
                continue
            if item.state is WorkState.LEASED and item.expires_at_ms <= now_ms:
                lost.append(self._lose(item, now_ms))
            elif item.state is WorkState.QUEUED and item.ready_at_ms <= now_ms:
                self._fair_queue.add(item)
        return lost

    def cancel(self, belongs: Callable[[WorkItem], bool], now_ms: int) -> list[WorkItem]:
        """Cancel every open item for which ``belongs`` is true. Drones learn it with their next heartbeat."""
        chosen = [item for item in self._items.values() if belongs(item)]
        return [self._end(item, WorkState.CANCELLED, now_ms) for item in chosen]

    def next_due_ms(self) -> int | None:
        """Return when ``expire`` may next have something to do; it may be early, never late."""
        return self._due[0][0] if self._due else None

    def ready(self, now_ms: int) -> int:
        """Return the number of items that could be leased now."""
        self._make_ready(now_ms)
        return len(self._fair_queue)

    def _make_ready(self, now_ms: int) -> None:
        """Make items ready whose backoff is over. Leases end in ``expire`` only, whose changes are stored."""
        kept: list[tuple[int, str]] = []
        while self._due and self._due[0][0] <= now_ms:
            due = heapq.heappop(self._due)
            item = self._items.get(due[1])
            if item is None:
                continue
            if item.state is WorkState.QUEUED and item.ready_at_ms <= now_ms:
                self._fair_queue.add(item)
            elif item.state is WorkState.LEASED and item.expires_at_ms <= now_ms:
                kept.append(due)
        for due in kept:
            heapq.heappush(self._due, due)

    def _open(self, item: WorkItem) -> None:
        self._by_key[item.work_key] = item.work_id
        self.depths.opened(item)
        self._items[item.work_id] = item
        if item.state is WorkState.LEASED:
            self._held.setdefault(item.drone_id, set()).add(item.work_id)
            self._push(item.expires_at_ms, item.work_id)
        elif item.ready_at_ms:
            self._push(item.ready_at_ms, item.work_id)
        else:
            self._fair_queue.add(item)

    def _lease(self, item: WorkItem, drone_id: str, now_ms: int) -> WorkItem:
        attempts = item.attempts + 1
        leased = replace(
            item,
            state=WorkState.LEASED,
            attempts=attempts,
            lease_id=f"{item.work_id}-{attempts}",
            drone_id=drone_id,
            expires_at_ms=now_ms + self.rules.lease_ms,
        )
        self._items[item.work_id] = leased
        self._held.setdefault(drone_id, set()).add(item.work_id)
        self._push(leased.expires_at_ms, item.work_id)
        return leased

    def _lose(self, item: WorkItem, now_ms: int) -> WorkItem:
        item = replace(item, losses=item.losses + 1, reason=LOST, message="The drone fell silent or restarted.")
        if item.losses >= self.rules.losses_max:
            return self._end(item, WorkState.FAILED, now_ms)
        return self._wait(item, now_ms, now_ms)

    def _wait(self, item: WorkItem, until_ms: int, now_ms: int) -> WorkItem:
        self._release(item)
        item = replace(item, state=WorkState.QUEUED, ready_at_ms=until_ms)
        self._items[item.work_id] = item
        if until_ms <= now_ms:
            self._fair_queue.add(item)
        else:
            self._push(until_ms, item.work_id)
        return item

    def _end(self, item: WorkItem, state: WorkState, now_ms: int) -> WorkItem:
        self._release(item)
        self._fair_queue.drop(item.work_id)
        del self._items[item.work_id]
        del self._by_key[item.work_key]
        self.depths.ended(item)
        self.finished += 1
        return replace(item, state=state, finish_sequence=self.finished, ended_at_ms=now_ms)

    def _release(self, item: WorkItem) -> None:
        held = self._held.get(item.drone_id)
        if held is not None:
            held.discard(item.work_id)
            if not held:
                del self._held[item.drone_id]

    def _of_lease(self, work_id: str, lease_id: str) -> WorkItem:
        item = self._items.get(work_id)
        if item is None or item.lease_id != lease_id or not lease_id:
            raise LeaseLost(work_id, lease_id)
        return item

    def _push(self, at_ms: int, work_id: str) -> None:
        heapq.heappush(self._due, (at_ms, work_id))
