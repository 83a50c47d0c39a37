"""Between the wire's messages and the queue's values. It validates nothing beyond shape; the handlers do."""

from typing import Any

import orjson
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from chartly.platform.timestamps import timestamp
from chartly.v1 import coordinator_pb2 as pb

from .domain.model import RegisteredDrone, WorkItem, WorkState

STATES = {state: pb.WorkState.Name(pb.WorkState.Value(f"WORK_STATE_{state.name}")) for state in WorkState}


def json_of(struct: Struct) -> str:
    """Write a Struct as JSON text; its numbers are doubles, as JSON's."""
    return orjson.dumps(json_format.MessageToDict(struct), option=orjson.OPT_SORT_KEYS).decode()


def struct_of(text: str) -> Struct | None:
    """Read JSON text into a Struct; None for empty text."""
    if not text:
        return None
    made = Struct()
    made.update(orjson.loads(text))
    return made


def item_of(wanted: pb.WorkItem, tenant: str, project: str, principal: str, attempts_max: int) -> WorkItem:
    """Make a new item of what a caller wants; id, place and time come from the queue."""
    return WorkItem(
        work_id="",
        work_key=wanted.work_key,
        kind=wanted.kind,
        tenant=tenant,
        project=project,
        source_id=wanted.source_id,
        run_id=wanted.run_id,
        step=wanted.step,
        principal=principal,
        payload=json_of(wanted.payload),
        data_bytes=wanted.size_bytes,
        attempts_max=min(wanted.attempts_max, attempts_max) or attempts_max,
        enqueued_at_ms=0,
        position=0,
    )


def item(known: WorkItem, *, payload: bool = True) -> pb.WorkItem:
    """Write an item; ``payload`` false leaves out what the caller gave itself."""
    return pb.WorkItem(
        work_id=known.work_id,
        work_key=known.work_key,
        kind=known.kind,
        tenant_id=known.tenant,
        project_id=known.project,
        source_id=known.source_id,
        run_id=known.run_id,
        step=known.step,
        payload=struct_of(known.payload) if payload else None,
        size_bytes=known.data_bytes,
        state=STATES[known.state],
        attempts=known.attempts,
        attempts_max=known.attempts_max,
        result=struct_of(known.result),
        reason=known.reason,
        message=known.message,
        finish_sequence=known.finish_sequence,
    )


def drone(known: RegisteredDrone, status: str, leases: int) -> pb.Drone:
    """Write a drone."""
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


def depth(source_id: str, open_items: Any) -> pb.QueueDepth:
    """Write how much of one source is open."""
    return pb.QueueDepth(source_id=source_id, items=open_items.items, bytes=open_items.data_bytes)
