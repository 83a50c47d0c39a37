"""Items and drones as immutable values; ``queue.py`` makes the next value of an item.

Times are milliseconds since the epoch, as the caller's clock gave them.
"""

from dataclasses import dataclass
from enum import StrEnum


class WorkState(StrEnum):
    """The state of an item. QUEUED and LEASED are open; the others are ends."""

    QUEUED = "queued"
    LEASED = "leased"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether the item has not ended."""
        return self in (WorkState.QUEUED, WorkState.LEASED)


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One unit of work for one drone."""

    work_id: str
    work_key: str
    kind: str
    tenant: str
    project: str
    source_id: str
    run_id: str
    step: str
    principal: str
    """The principal that the lease's token acts on behalf of."""
    task: bytes
    """A serialized ``chartly.v1.WorkTask``, which the queue never reads."""
    data_bytes: int
    """Bytes of data that the item represents."""
    attempts_max: int
    """Faults after which it is a dead letter."""
    enqueued_at_ms: int
    position: int
    """Order of arrival, unique."""
    state: WorkState = WorkState.QUEUED
    attempts: int = 0
    """Attempts begun; with the work id it names the lease."""
    faults: int = 0
    """Attempts that failed because of the work itself."""
    refusals: int = 0
    """Attempts in a row that ended because the platform was away or full; they cost no fault."""
    losses: int = 0
    """Leases that expired."""
    ready_at_ms: int = 0
    """Not leased before this time."""
    lease_id: str = ""
    """The last lease; held only while the state is LEASED."""
    drone_id: str = ""
    """The drone of that lease."""
    expires_at_ms: int = 0
    outcome: bytes = b""
    """A serialized ``chartly.v1.WorkOutcome``; empty unless the state is COMPLETED."""
    reason: str = ""
    message: str = ""
    finish_sequence: int = 0
    """The order in which items ended, from 1 without a gap; 0 while open."""
    ended_at_ms: int = 0

    @property
    def shard(self) -> str:
        """The key on the hash ring; tenant names have no slash, so that no two shards collide."""
        return f"{self.tenant}/{self.source_id}"


@dataclass(frozen=True, slots=True)
class AttemptFailure:
    """A failed attempt, as the drone reported it."""

    reason: str
    message: str
    final: bool = False
    retry_after_ms: int = 0


@dataclass(frozen=True, slots=True)
class RegisteredDrone:
    """A drone, as it registered, with its last heartbeat."""

    drone_id: str
    name: str
    kinds: frozenset[str]
    """Kinds of work that it leases; empty for all."""
    registered_at_ms: int
    heard_at_ms: int
    draining: bool = False
    completed: int = 0
    failed: int = 0

    def takes(self, kind: str) -> bool:
        """Return whether it leases work of ``kind``."""
        return not self.kinds or kind in self.kinds
