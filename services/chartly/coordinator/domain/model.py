"""What the queue holds. Immutable values; ``queue.py`` makes the next one of an item, nothing changes one in place.

Times are milliseconds since the epoch, as the caller's clock gave them.
"""

from dataclasses import dataclass
from enum import StrEnum


class WorkState(StrEnum):
    """Where an item stands. QUEUED and LEASED are open; the others are ends and final."""

    QUEUED = "queued"
    LEASED = "leased"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether the item still asks for a drone."""
        return self in (WorkState.QUEUED, WorkState.LEASED)


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing for one drone to do."""

    work_id: str
    work_key: str
    kind: str
    tenant: str
    project: str
    source_id: str
    run_id: str
    step: str
    principal: str
    """For whom the work is done; the lease's token acts on its behalf."""
    task: bytes
    """A serialized ``chartly.v1.WorkTask``, which the queue never reads."""
    data_bytes: int
    """Bytes of data that the item stands for."""
    attempts_max: int
    """Faults after which it is a dead letter."""
    enqueued_at_ms: int
    position: int
    """Order of arrival, unique."""
    state: WorkState = WorkState.QUEUED
    attempts: int = 0
    """Attempts begun; with the work id it names the lease."""
    faults: int = 0
    """Attempts that ended by a fault of the work's own."""
    refusals: int = 0
    """Attempts in a row that ended because the platform was away or full; they cost no fault."""
    losses: int = 0
    """Leases that ended without a word."""
    ready_at_ms: int = 0
    """Not leased before this."""
    lease_id: str = ""
    """The last lease; held only while the state is LEASED."""
    drone_id: str = ""
    """Who holds or held that lease."""
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
        """What chooses the drone that is preferred; tenant names hold no slash, so no two shards collide."""
        return f"{self.tenant}/{self.source_id}"


@dataclass(frozen=True, slots=True)
class AttemptFailure:
    """How an attempt ended badly, in the drone's words."""

    reason: str
    message: str
    final: bool = False
    retry_after_ms: int = 0


@dataclass(frozen=True, slots=True)
class RegisteredDrone:
    """A worker, as it registered and as it was last heard of."""

    drone_id: str
    name: str
    kinds: frozenset[str]
    """Kinds of work that it takes; empty for all."""
    registered_at_ms: int
    heard_at_ms: int
    draining: bool = False
    completed: int = 0
    failed: int = 0

    def takes(self, kind: str) -> bool:
        """Whether it takes work of ``kind``."""
        return not self.kinds or kind in self.kinds
