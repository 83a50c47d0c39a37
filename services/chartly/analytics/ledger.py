"""Ledger events of queries and rollups: digests and references, never a text or a value. They wait in an outbox of this service.

An event is stored before its caller has the response, so no result is read without an entry, also while the ledger is away.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import MetaData

from chartly.platform import outbox
from chartly.platform.config import Limits
from chartly.platform.identity.scope import current_scope
from chartly.platform.metadata import Metadata
from chartly.platform.outbox import Event, outbox_table
from chartly.v1 import analytics_pb2 as pb
from chartly.v1 import commit_pb2

EXECUTED = "analytics.query.executed"
_tables = MetaData()
OUTBOX = outbox_table("analytics_outbox", _tables)


class QueryLog:
    """Stores the events of queries and rollups for the ledger."""

    def __init__(self, metadata: Metadata, limits: Limits, notify: Callable[[], None]) -> None:
        self._metadata = metadata
        self._limits = limits
        self._notify = notify

    async def check_backlog(self) -> None:
        """Refuse a query before it runs.

        Raises:
            LedgerBacklogFull: too many events wait for the ledger.
        """
        await self._metadata.read(outbox.admit, OUTBOX, self._limits)

    async def store(self, event: Event) -> None:
        """Store the event of a query that the caller of the current call has run."""
        scope = current_scope()
        await self._metadata.write(outbox.put, OUTBOX, scope.tenant, scope.project, [event])
        self._notify()


def query_executed(sql: str, inputs: Iterable[pb.DatasetVersion], rows: int, now: datetime) -> Event:
    """Return the event of one query. The query is known by its digest; each execution is an event of its own."""
    return Event(
        key=f"{EXECUTED}/{uuid.uuid4().hex}",
        type=EXECUTED,
        subject=f"query/{_digest(sql)}",
        principal=_principal(),
        occurred_at=now,
        details={"sql_sha256": _digest(sql), "inputs": _inputs(inputs), "rows": str(rows)},
    )


def rollup_executed(
    request: pb.RunRollupRequest, sql: str, version: pb.DatasetVersion, receipt: commit_pb2.CommitReceipt, now: datetime
) -> Event:
    """Return the event of one run's rollup. A retry returns the same key."""
    return Event(
        key=f"{EXECUTED}/{_digest(f'{receipt.work_key}/{request.run_id}')}",
        type=EXECUTED,
        run_id=request.run_id,
        subject=f"dataset/{receipt.dataset}",
        principal=_principal(),
        occurred_at=now,
        details={
            "sql_sha256": _digest(sql),
            "inputs": _inputs([version]),
            "rows": str(receipt.chunk_counts.canonical),
            "analytics_ref": request.analytics.ref,
            "analytics_hash": request.analytics.hash,
        },
    )


def _principal() -> str:
    scope = current_scope()
    return scope.on_behalf_of or scope.principal


def _inputs(versions: Iterable[pb.DatasetVersion]) -> list[dict[str, str]]:
    return [{"dataset": v.dataset, "version": str(v.version), "content_hash": v.content_hash} for v in versions]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
