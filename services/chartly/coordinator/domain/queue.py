"""The queue: open items, their leases and their ends. Every transition of an item is made here and nowhere else.

    queued ──lease──▶ leased ──complete──▶ completed
      ▲                 │ fail, expire, release
      └──── wait ───────┤
                        └──last attempt──▶ failed          queued, leased ──cancel──▶ cancelled

Methods change the memory and give the items that changed, for the caller to store in one transaction; when that fails,
the caller drops this object and makes a new one from what is stored. Ended items leave the memory: the caller looks
them up where they are stored.
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
"""Reason of an attempt that ended without a word."""


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
        """The last finish sequence that was given."""
        self.depths = QueueDepths(rules.bounds)
        self._items: dict[str, WorkItem] = {}
        self._by_key: dict[str, str] = {}
        self._held: dict[str, set[str]] = {}
        self._fair_queue = FairQueue()
        # Times at which something may be due; an entry may be stale, the item itself tells.
        self._due: list[tuple[int, str]] = []
        for item in items:
            self._open(item)

    def known(self, work_key: str) -> WorkItem | None:
        """Give the open item with this key."""
        work_id = self._by_key.get(work_key)
        return self._items[work_id] if work_id else None

    def get(self, work_id: str) -> WorkItem | None:
        """Give an open item."""
        return self._items.get(work_id)

    def held_by(self, drone_id: str) -> int:
        """Tell how many leases a drone holds."""
        return len(self._held.get(drone_id, ()))

    def items_of(self, drone_id: str) -> list[WorkItem]:
        """Give the items that a drone holds."""
        return [self._items[work_id] for work_id in self._held.get(drone_id, ())]

    def open_items(self) -> Iterable[WorkItem]:
        """Give all open items, for statistics."""
        return self._items.values()

    @property
    def leased(self) -> int:
        """How many items drones hold."""
        return sum(len(held) for held in self._held.values())

    def enqueue(self, items: Sequence[WorkItem]) -> None:
        """Take new items in, all or none; their keys must be unknown.

        Raises:
            QueueFull: a bound would be passed.
        """
        self.depths.check(items)
        for item in items:
            self._open(item)

    def lease(self, drone: RegisteredDrone, count: int, now_ms: int, fleet: Fleet, waiting: frozenset[str]) -> list[WorkItem]:
        """Lease up to ``count`` items to a drone, in fair order.

        An item whose owner on the ring waits for work right now is left to it; one whose owner is busy goes to who asks.
        """
        self._ripen(now_ms)
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
        """End an item well. A lease that expired while nobody else took the item still counts: its work was done.

        Raises:
            LeaseLost: the item is open, and its last lease is another.
            OutcomeMismatch: the outcome is that of another kind of work.
        """
        item = self._of_lease(work_id, lease_id)
        if kind != item.kind:
            raise OutcomeMismatch(item.kind, kind)
        return self._end(replace(item, outcome=outcome, reason="", message=""), WorkState.COMPLETED, now_ms)

    def fail(self, work_id: str, lease_id: str, failure: AttemptFailure, now_ms: int) -> WorkItem:
        """End an attempt badly; a repeated report finds the item waiting and changes nothing.

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
        """Prolong a drone's leases, and name those that it doesn't hold any more.

        Kept in memory alone: after a restart every lease gets a whole length, so nothing is lost by not storing it.
        """
        held = {self._items[work_id].lease_id: work_id for work_id in self._held.get(drone_id, ())}
        let_go: list[str] = []
        for lease_id in lease_ids:
            work_id = held.get(lease_id)
            if work_id is None:
                let_go.append(lease_id)
                continue
            self._items[work_id] = replace(self._items[work_id], expires_at_ms=now_ms + self.rules.lease_ms)
            self._push(now_ms + self.rules.lease_ms, work_id)
        return let_go

    def release(self, drone_id: str, now_ms: int, kept: frozenset[str] = frozenset()) -> list[WorkItem]:
        """Take back the leases that a drone has lost, all but those ``kept``, without waiting for them to expire."""
        held = sorted(self.items_of(drone_id), key=lambda item: item.position)
        return [self._lose(item, now_ms) for item in held if item.lease_id not in kept]

    def expire(self, now_ms: int) -> list[WorkItem]:
        """Take back the leases whose time is over, and let those items be leased whose wait is."""
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
        """End every open item that ``belongs``; drones learn at their next heartbeat that its lease is gone."""
        chosen = [item for item in self._items.values() if belongs(item)]
        return [self._end(item, WorkState.CANCELLED, now_ms) for item in chosen]

    def next_due_ms(self) -> int | None:
        """Tell when ``expire`` may next have something to do; it may be early, never late."""
        return self._due[0][0] if self._due else None

    def ready(self, now_ms: int) -> int:
        """Tell how many items could be leased now."""
        self._ripen(now_ms)
        return len(self._fair_queue)

    def _ripen(self, now_ms: int) -> None:
        """Let waiting items ripen without touching leases: those end in ``expire`` alone, whose changes are stored."""
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
        item = replace(item, losses=item.losses + 1, reason=LOST, message="The drone fell silent or began anew.")
        if item.losses >= self.rules.losses_max:
            return self._end(item, WorkState.FAILED, now_ms)
        return self._wait(item, now_ms, now_ms)

    def _wait(self, item: WorkItem, until_ms: int, now_ms: int) -> WorkItem:
        self._let_go(item)
        item = replace(item, state=WorkState.QUEUED, ready_at_ms=until_ms)
        self._items[item.work_id] = item
        if until_ms <= now_ms:
            self._fair_queue.add(item)
        else:
            self._push(until_ms, item.work_id)
        return item

    def _end(self, item: WorkItem, state: WorkState, now_ms: int) -> WorkItem:
        self._let_go(item)
        self._fair_queue.drop(item.work_id)
        del self._items[item.work_id]
        del self._by_key[item.work_key]
        self.depths.ended(item)
        self.finished += 1
        return replace(item, state=state, finish_sequence=self.finished, ended_at_ms=now_ms)

    def _let_go(self, item: WorkItem) -> None:
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
