"""Convert between the wire's messages and the queue's values. It checks only their shape; the handlers check the rest."""

from chartly.platform.timestamps import timestamp
from chartly.v1 import coordinator_pb2 as pb

from .domain.depth import QueueDepth
from .domain.model import RegisteredDrone, WorkItem, WorkState

STATES = {state: pb.WorkState.Name(pb.WorkState.Value(f"WORK_STATE_{state.name}")) for state in WorkState}


def task_kind(task: pb.WorkTask) -> str:
    """Return the kind of work that a task asks for; empty when no field is set."""
    return task.WhichOneof("task") or ""


def outcome_kind(outcome: pb.WorkOutcome) -> str:
    """Return the kind of work of an outcome; empty when no field is set."""
    return outcome.WhichOneof("outcome") or ""


def item_of(wanted: pb.WorkItem, tenant: str, project: str, principal: str, attempts_max: int) -> WorkItem:
    """Return a new item; the queue sets its id, position and time."""
    return WorkItem(
        work_id="",
        work_key=wanted.work_key,
        kind=task_kind(wanted.task),
        tenant=tenant,
        project=project,
        source_id=wanted.source_id,
        run_id=wanted.run_id,
        step=wanted.step,
        principal=principal,
        task=wanted.task.SerializeToString(),
        data_bytes=wanted.size_bytes,
        attempts_max=attempts_max,
        enqueued_at_ms=0,
        position=0,
    )


def item(known: WorkItem, *, task: bool = True) -> pb.WorkItem:
    """Encode an item; with ``task`` false the task is left out, since the caller has it."""
    return pb.WorkItem(
        work_id=known.work_id,
        work_key=known.work_key,
        tenant_id=known.tenant,
        project_id=known.project,
        source_id=known.source_id,
        run_id=known.run_id,
        step=known.step,
        task=pb.WorkTask.FromString(known.task) if task else None,
        size_bytes=known.data_bytes,
        state=STATES[known.state],
        attempts=known.attempts,
        outcome=pb.WorkOutcome.FromString(known.outcome) if known.outcome else None,
        reason=known.reason,
        message=known.message,
        finish_sequence=known.finish_sequence,
    )


def drone(known: RegisteredDrone, status: str, leases: int) -> pb.Drone:
    """Encode a drone."""
    return pb.Drone(
        drone_id=known.drone_id,
        name=known.name,
        kinds=sorted(known.kinds),
        status=status,
        registered_at=timestamp(known.registered_at_ms),
        last_heartbeat_at=timestamp(known.heard_at_ms),
        leases=leases,
        completed=known.completed,
        failed=known.failed,
    )


def depth(source_id: str, open_items: QueueDepth) -> pb.QueueDepth:
    """Encode the depth of one source."""
    return pb.QueueDepth(source_id=source_id, items=open_items.items, bytes=open_items.data_bytes)
