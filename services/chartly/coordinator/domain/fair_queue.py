"""A fair queue: round robin over tenants, then over a tenant's sources and kinds, then first in, first out.

A tenant with a million items gets the same share as a tenant with one. The queue knows nothing of leases or time.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

from .model import WorkItem

# FairQueue of one tenant that a pick looks at for one that suits; enough for affinity, and it bounds the cost of a pick.
_PARTITIONS_TRIED_MAX = 64

PartitionKey = tuple[str, str, str]
"""Project, source and kind within a tenant."""


@dataclass(slots=True)
class _Partition:
    """Ready items of one source and kind, oldest first. Items that were taken are removed when they are reached."""

    heap: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


class FairQueue:
    """All items that could be leased now. The order of the dictionaries is the rotation: a tenant that was served goes to the end."""

    def __init__(self) -> None:
        self._tenants: dict[str, dict[PartitionKey, _Partition]] = {}
        self._ready: dict[str, WorkItem] = {}

    def __len__(self) -> int:
        return len(self._ready)

    def __contains__(self, work_id: str) -> bool:
        return work_id in self._ready

    def add(self, item: WorkItem) -> None:
        """Add an item; a retried one keeps its position."""
        if item.work_id in self._ready:
            return
        self._ready[item.work_id] = item
        partition = self._tenants.setdefault(item.tenant, {}).setdefault(_key(item), _Partition())
        heapq.heappush(partition.heap, (item.position, item.work_id))

    def drop(self, work_id: str) -> None:
        """Remove an item."""
        self._ready.pop(work_id, None)

    def take(self, suits: Callable[[WorkItem], int]) -> WorkItem | None:
        """Remove and return the next item in fair order.

        Args:
            suits: 2 for an item to take at once, 1 for an item to take when its tenant has none with 2, 0 for an item to leave.
        """
        for tenant in list(self._tenants):
            chosen = self._best(self._tenants[tenant], suits)
            if not self._tenants[tenant]:
                del self._tenants[tenant]
            if chosen is None:
                continue
            key, item = chosen
            partitions = self._tenants.pop(tenant)
            partitions[key] = partitions.pop(key)
            self._tenants[tenant] = partitions
            self.drop(item.work_id)
            return item
        return None

    def _best(self, partitions: dict[PartitionKey, _Partition], suits: Callable[[WorkItem], int]) -> tuple[PartitionKey, WorkItem] | None:
        second: tuple[PartitionKey, WorkItem] | None = None
        looked_at = 0
        for key in list(partitions):
            item = self._head(partitions[key])
            if item is None:
                del partitions[key]
                continue
            rank = suits(item)
            if rank > 1:
                return key, item
            if rank and second is None:
                second = key, item
            looked_at += 1
            if looked_at >= _PARTITIONS_TRIED_MAX and second is not None:
                break
        return second

    def _head(self, partition: _Partition) -> WorkItem | None:
        while partition.heap:
            item = self._ready.get(partition.heap[0][1])
            if item is not None:
                return item
            heapq.heappop(partition.heap)
        return None


def _key(item: WorkItem) -> PartitionKey:
    return item.project, item.source_id, item.kind
