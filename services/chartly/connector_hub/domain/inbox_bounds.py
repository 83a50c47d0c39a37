"""How many pushes may wait in the inbox, and how much a push is delayed as it fills. Pure; the store counts.

There are three levels, each in items and bytes: a source can't fill its tenant's share, and a tenant can't fill the whole.
"""

import random
from dataclasses import dataclass

from chartly.connector_hub.errors import InboxFull
from chartly.platform.config import Limits

# From half of a bound on, pushes are delayed; at the bound they are refused.
_DELAYED_FROM = 0.5
_DELAYED_S_MAX = 1.0
# When a refused client may retry: after about the time of a commit, with jitter, so that clients don't retry together.
_RETRY_S_MIN, _RETRY_S_MAX = 1.0, 4.0


@dataclass(frozen=True, slots=True)
class BoundsOfInbox:
    """The bounds of one level."""

    level: str
    items: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class InboxBounds:
    """The bounds of all levels."""

    all: BoundsOfInbox
    tenant: BoundsOfInbox
    source: BoundsOfInbox

    @classmethod
    def of(cls, limits: Limits) -> "InboxBounds":
        """Return the bounds of the configured limits."""
        return cls(
            BoundsOfInbox("all", limits.inbox_items_max, limits.inbox_bytes_max),
            BoundsOfInbox("tenant", limits.inbox_tenant_items_max, limits.inbox_tenant_bytes_max),
            BoundsOfInbox("source", limits.inbox_source_items_max, limits.inbox_source_bytes_max),
        )


@dataclass(frozen=True, slots=True)
class Depth:
    """Uncommitted pushes and their bytes: of the installation, of one tenant, of one source."""

    all_items: int = 0
    all_bytes: int = 0
    tenant_items: int = 0
    tenant_bytes: int = 0
    source_items: int = 0
    source_bytes: int = 0

    def check(self, more_bytes: int, bounds: InboxBounds) -> None:
        """Check that one more push of ``more_bytes`` fits.

        Raises:
            InboxFull: names level, unit and bound, and when to retry.
        """
        for items, size, bound in self._levels(bounds):
            if items + 1 > bound.items:
                raise InboxFull(bound.level, "items", bound.items, retry_after_s=retry_after_s())
            # An empty inbox accepts a push that is larger than the bound: it would otherwise be refused for ever.
            if items and size + more_bytes > bound.size_bytes:
                raise InboxFull(bound.level, "bytes", bound.size_bytes, retry_after_s=retry_after_s())

    def delay_s(self, bounds: InboxBounds) -> float:
        """Return how long the next push is delayed: 0 below half of every bound, up to a second at one."""
        fullest = max(max(items / bound.items, size / bound.size_bytes) for items, size, bound in self._levels(bounds))
        return _DELAYED_S_MAX * max(0.0, min(1.0, (fullest - _DELAYED_FROM) / (1 - _DELAYED_FROM)))

    def _levels(self, bounds: InboxBounds) -> tuple[tuple[int, int, BoundsOfInbox], ...]:
        return (
            (self.all_items, self.all_bytes, bounds.all),
            (self.tenant_items, self.tenant_bytes, bounds.tenant),
            (self.source_items, self.source_bytes, bounds.source),
        )


def retry_after_s() -> float:
    """Return after how many seconds a refused client may retry."""
    return random.uniform(_RETRY_S_MIN, _RETRY_S_MAX)  # noqa: S311 - spread, not secrecy
