"""What the ledger learns of a query: digests and references, never its text or a value."""

import hashlib
import uuid
from collections.abc import Iterable

from google.protobuf.struct_pb2 import Struct

from chartly.platform.clients import Clients
from chartly.platform.clock import Clock
from chartly.v1 import analytics_pb2 as pb
from chartly.v1 import audit_pb2

EXECUTED = "analytics.query.executed"


async def tell_executed(
    clients: Clients,
    clock: Clock,
    *,
    sql: str,
    inputs: Iterable[pb.DatasetVersion],
    rows: int,
    subject: str = "",
    run_id: str = "",
    event_key: str = "",
) -> None:
    """Append the event of one executed query; with an ``event_key`` once, however often it is told.

    Without a ``subject`` it is about the query itself, which is known by its digest.
    """
    sql_sha256 = hashlib.sha256(sql.encode()).hexdigest()
    details = Struct()
    details.update(
        {
            "sql_sha256": sql_sha256,
            "inputs": [{"dataset": v.dataset, "version": str(v.version), "content_hash": v.content_hash} for v in inputs],
            "rows": str(rows),
        }
    )
    event = audit_pb2.AuditEvent(
        event_key=event_key or f"{EXECUTED}/{uuid.uuid4().hex}",
        type=EXECUTED,
        run_id=run_id,
        subject=subject or f"query/{sql_sha256}",
        details=details,
    )
    event.occurred_at.FromDatetime(clock.now())
    await clients.audit.AppendEvents(audit_pb2.AppendEventsRequest(events=[event]))
