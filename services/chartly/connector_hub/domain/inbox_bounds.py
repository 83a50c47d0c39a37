"""How deep the inbox may be, and how much a push is slowed as it fills. Pure; the store counts.

Three levels, since one source must not fill its tenant's share, nor one tenant all of it; each in items and bytes.
"""

import random
from dataclasses import dataclass

from chartly.connector_hub.errors import InboxFull
from chartly.platform.config import Limits

# From half of a bound on, pushes are slowed; at the bound they are refused.
_SLOWED_FROM = 0.5
_SLOWED_S_MAX = 1.0
# Told to who is refused: about a commit's time, and not the same for all, or they would come back together.
_RETRY_S_MIN, _RETRY_S_MAX = 1.0, 4.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most of one level."""

    level: str
    items: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class InboxBounds:
    """The bounds of all levels."""

    all: Bounds
    tenant: Bounds
    source: Bounds

    @classmethod
    def of(cls, limits: Limits) -> "InboxBounds":
        """Read them from the table of limits."""
        return cls(
            Bounds("all", limits.inbox_items_max, limits.inbox_bytes_max),
            Bounds("tenant", limits.inbox_tenant_items_max, limits.inbox_tenant_bytes_max),
            Bounds("source", limits.inbox_source_items_max, limits.inbox_source_bytes_max),
        )


@dataclass(frozen=True, slots=True)
class Depth:
    """Pushes that are not committed, and their bytes: in all, of one tenant, of one source."""

    all_items: int = 0
    all_bytes: int = 0
    tenant_items: int = 0
    tenant_bytes: int = 0
    source_items: int = 0
    source_bytes: int = 0

    def check(self, more_bytes: int, bounds: InboxBounds) -> None:
        """See whether one more push of ``more_bytes`` fits.

        Raises:
            InboxFull: names level, unit and bound, and says when to come back.
        """
        for items, size, bound in self._levels(bounds):
            if items + 1 > bound.items:
                raise InboxFull(bound.level, "items", bound.items, retry_after_s=retry_after_s())
            # A lone push larger than a bound of bytes may enter an empty inbox: refused for ever it could never be taken.
            if items and size + more_bytes > bound.size_bytes:
                raise InboxFull(bound.level, "bytes", bound.size_bytes, retry_after_s=retry_after_s())

    def slowed_s(self, bounds: InboxBounds) -> float:
        """Tell for how long the next push is held up: nothing below half of every bound, up to a second at one."""
        fullest = max(max(items / bound.items, size / bound.size_bytes) for items, size, bound in self._levels(bounds))
        return _SLOWED_S_MAX * max(0.0, min(1.0, (fullest - _SLOWED_FROM) / (1 - _SLOWED_FROM)))

    def _levels(self, bounds: InboxBounds) -> tuple[tuple[int, int, Bounds], ...]:
        return (
            (self.all_items, self.all_bytes, bounds.all),
            (self.tenant_items, self.tenant_bytes, bounds.tenant),
            (self.source_items, self.source_bytes, bounds.source),
        )


def retry_after_s() -> float:
    """Say when to come back."""
    return random.uniform(_RETRY_S_MIN, _RETRY_S_MAX)  # noqa: S311 - spread, not secrecy
