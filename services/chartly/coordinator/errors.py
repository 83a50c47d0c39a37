"""The queue's errors, as facts. Nothing here knows gRPC.

ChartlyError
├── QueueFull          RESOURCE_EXHAUSTED   QUEUE_FULL
├── TooManyDrones      RESOURCE_EXHAUSTED   QUOTA_EXCEEDED
├── DroneUnknown       NOT_FOUND            DRONE_UNKNOWN
├── WorkUnknown        NOT_FOUND            WORK_UNKNOWN
├── OutcomeMismatch    INVALID_ARGUMENT     INVALID_REQUEST
├── LeaseLost          FAILED_PRECONDITION  LEASE_LOST
├── Superseded         UNAVAILABLE          SERVICE_UNAVAILABLE
└── QueueNotHeld       UNAVAILABLE          SERVICE_UNAVAILABLE
"""

from chartly.platform.errors import FailedPrecondition, InvalidArgument, NotFound, ResourceExhausted, Unavailable, error


@error(reason="QUEUE_FULL")
class QueueFull(ResourceExhausted):
    """The work queue is at its bound; nothing of the call was queued."""

    level: str
    """``all``, ``tenant`` or ``source``."""
    unit: str
    """``items``, ``task_bytes`` or ``data_bytes``."""
    most: int


@error(reason="QUOTA_EXCEEDED")
class TooManyDrones(ResourceExhausted):
    """The bound of registered drones is reached."""

    drones_max: int


@error(reason="DRONE_UNKNOWN")
class DroneUnknown(NotFound):
    """No drone has this id, or it was silent for too long; register again."""

    drone_id: str


@error(reason="WORK_UNKNOWN")
class WorkUnknown(NotFound):
    """No work item has this id."""

    work_id: str


@error(reason="INVALID_REQUEST")
class OutcomeMismatch(InvalidArgument):
    """The outcome is that of another kind of work than the item's task."""

    task: str
    outcome: str


@error(reason="LEASE_LOST")
class LeaseLost(FailedPrecondition):
    """The lease or its item has ended; the outcome of this attempt doesn't count."""

    work_id: str
    lease_id: str


@error(reason="SERVICE_UNAVAILABLE")
class Superseded(Unavailable):
    """Another process has taken over the queue; this process takes it back when the other one has stopped."""

    epoch: int


@error(reason="SERVICE_UNAVAILABLE")
class QueueNotHeld(Unavailable):
    """This process doesn't serve the queue at the moment; retry."""

    problem: str
