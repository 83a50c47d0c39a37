"""Number and bytes of open items, in all, by tenant and by source, with their bounds."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chartly.coordinator.errors import QueueFull

from .model import WorkItem

# A full queue has room within seconds, or not soon: retries after one second cost little.
RETRY_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class QueueBounds:
    """The most open items and bytes. Every level has both units, since a few items can stand for much data."""

    items_all: int
    items_tenant: int
    items_source: int
    task_bytes_all: int
    data_bytes_all: int
    data_bytes_tenant: int
    data_bytes_source: int


@dataclass(slots=True)
class QueueDepth:
    """Open items and their bytes at one level."""

    items: int = 0
    task_bytes: int = 0
    data_bytes: int = 0

    def add(self, item: WorkItem, sign: int) -> None:
        """Count one item in (``sign`` 1) or out (-1)."""
        self.items += sign
        self.task_bytes += sign * len(item.task)
        self.data_bytes += sign * item.data_bytes

    def fits(self, more: "QueueDepth", level: str, items: int, data_bytes: int, task_bytes: int | None = None) -> None:
        """Check that ``more`` fits within the bounds.

        Raises:
            QueueFull: with level, unit and bound.
        """
        for unit, now, extra, most in (
            ("items", self.items, more.items, items),
            ("data_bytes", self.data_bytes, more.data_bytes, data_bytes),
            ("task_bytes", self.task_bytes, more.task_bytes, task_bytes),
        ):
            # A single item larger than a bound of bytes may enter an empty queue: else it would block its run for ever.
            if most is not None and extra and now + extra > most and (now or unit == "items"):
                raise QueueFull(level, unit, most, retry_after_s=RETRY_AFTER_S)


@dataclass(slots=True)
class QueueDepths:
    """All levels. One owner, the queue; not safe for several threads."""

    bounds: QueueBounds
    all: QueueDepth = field(default_factory=QueueDepth)
    tenants: dict[str, QueueDepth] = field(default_factory=dict[str, QueueDepth])
    sources: dict[tuple[str, str, str], QueueDepth] = field(default_factory=dict[tuple[str, str, str], QueueDepth])
    """By tenant, project and source."""

    def opened(self, item: WorkItem) -> None:
        """Count an item in."""
        self._count(item, 1)

    def ended(self, item: WorkItem) -> None:
        """Count an item out."""
        self._count(item, -1)

    def check(self, items: Iterable[WorkItem]) -> None:
        """Check that ``items`` fit together.

        Raises:
            QueueFull: one bound would be passed.
        """
        more = QueueDepths(self.bounds)
        for item in items:
            more.opened(item)
        bounds = self.bounds
        self.all.fits(more.all, "all", bounds.items_all, bounds.data_bytes_all, bounds.task_bytes_all)
        for tenant, extra in more.tenants.items():
            self.tenants.get(tenant, QueueDepth()).fits(extra, "tenant", bounds.items_tenant, bounds.data_bytes_tenant)
        for source, extra in more.sources.items():
            self.sources.get(source, QueueDepth()).fits(extra, "source", bounds.items_source, bounds.data_bytes_source)

    def deepest(self, tenant: str, project: str, count: int) -> list[tuple[str, QueueDepth]]:
        """Return a project's deepest sources, most items first."""
        mine = [(key[2], depth) for key, depth in self.sources.items() if key[:2] == (tenant, project)]
        return sorted(mine, key=lambda each: (-each[1].items, each[0]))[:count]

    def _count(self, item: WorkItem, sign: int) -> None:
        self.all.add(item, sign)
        source = (item.tenant, item.project, item.source_id)
        self.tenants.setdefault(item.tenant, QueueDepth()).add(item, sign)
        self.sources.setdefault(source, QueueDepth()).add(item, sign)
        if not self.tenants[item.tenant].items:
            del self.tenants[item.tenant]
        if not self.sources[source].items:
            del self.sources[source]
