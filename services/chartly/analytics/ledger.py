"""The ledger events of queries and rollups: digests and references, never a text or a value."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from google.protobuf.struct_pb2 import Struct

from chartly.v1 import analytics_pb2 as pb
from chartly.v1 import audit_pb2, commit_pb2

EXECUTED = "analytics.query.executed"


def query_executed(sql: str, inputs: Iterable[pb.DatasetVersion], rows: int, now: datetime) -> audit_pb2.AuditEvent:
    """Return the event of one query. It has the query's digest; each execution is an event of its own."""
    event = audit_pb2.AuditEvent(
        event_key=f"{EXECUTED}/{uuid.uuid4().hex}",
        type=EXECUTED,
        subject=f"query/{_digest(sql)}",
        details=_details({"sql_sha256": _digest(sql), "inputs": _inputs(inputs), "rows": str(rows)}),
    )
    event.occurred_at.FromDatetime(now)
    return event


def rollup_executed(
    request: pb.RunRollupRequest, sql: str, version: pb.DatasetVersion, receipt: commit_pb2.CommitReceipt, now: datetime
) -> audit_pb2.AuditEvent:
    """Return the event of one run's rollup. A retry has the same key."""
    event = audit_pb2.AuditEvent(
        event_key=f"{EXECUTED}/{_digest(f'{receipt.work_key}/{request.run_id}')}",
        type=EXECUTED,
        run_id=request.run_id,
        subject=f"dataset/{receipt.dataset}",
        details=_details(
            {
                "sql_sha256": _digest(sql),
                "inputs": _inputs([version]),
                "rows": str(receipt.chunk_counts.canonical),
                "analytics_ref": request.analytics.ref,
                "analytics_hash": request.analytics.hash,
            }
        ),
    )
    event.occurred_at.FromDatetime(now)
    return event


def _inputs(versions: Iterable[pb.DatasetVersion]) -> list[dict[str, str]]:
    return [{"dataset": v.dataset, "version": str(v.version), "content_hash": v.content_hash} for v in versions]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _details(facts: dict[str, Any]) -> Struct:
    details = Struct()
    details.update(facts)
    return details
