"""Tasks and outcomes as serialized messages instead of free JSON. Items that are stored are converted."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from google.protobuf import json_format
from sqlalchemy import Connection

from chartly.v1 import coordinator_pb2 as pb

revision = "coordinator_0002"
down_revision = "coordinator_0001"
branch_labels = None
depends_on = None

_ROWS_AT_ONCE = 500
# Fields of the old JSON that the message has; the others were read by nothing.
_TASK_FIELDS = {
    "connector_sync": ("connector", "sequence", "continues_run_id"),
    "normalize": ("raw", "normalizer", "storage"),
    "analytics_query": ("analytics",),
    "reprocess_plan": ("reprocess_id", "dataset", "scope"),
    "reprocess_normalize": ("reprocess_id", "place"),
    "reprocess_diff": ("reprocess_id",),
    "reprocess_apply": ("reprocess_id",),
}
_OUTCOME_FIELDS = {
    "connector_sync": ("pages", "finished", "requests", "retries"),
    "normalize": ("counts", "quarantine_reasons"),
    "analytics_query": ("dataset",),
    "reprocess_plan": ("chunks",),
    "reprocess_normalize": (),
}


def upgrade() -> None:
    """Add the new columns, fill them, drop the old ones."""
    op.add_column("coordinator_work", sa.Column("task", sa.LargeBinary, nullable=False, server_default=""))
    op.add_column("coordinator_work", sa.Column("outcome", sa.LargeBinary, nullable=False, server_default=""))
    _convert(op.get_bind())
    op.execute("ALTER TABLE coordinator_work DROP COLUMN payload")
    op.execute("ALTER TABLE coordinator_work DROP COLUMN result")


def _convert(connection: Connection) -> None:
    names = ("work_id", "work_key", "source_id", "kind", "payload", "result")
    work: sa.TableClause = sa.table("coordinator_work", *(sa.column(name, sa.Text) for name in names))
    binary = (sa.column("task", sa.LargeBinary), sa.column("outcome", sa.LargeBinary))
    new: sa.TableClause = sa.table("coordinator_work", sa.column("work_id", sa.Text), *binary)
    last = ""
    while rows := connection.execute(sa.select(work).where(work.c.work_id > last).order_by(work.c.work_id).limit(_ROWS_AT_ONCE)).all():
        for row in rows:
            values = {"task": _task(row), "outcome": _outcome(row.kind, row.result)}
            connection.execute(sa.update(new).where(new.c.work_id == row.work_id).values(values))
        last = rows[-1].work_id


def _task(row: "sa.Row[Any]") -> bytes:
    """Return the task of a stored item. An empty one, of an unknown kind, fails at the drone and becomes a dead letter."""
    task = pb.WorkTask()
    if row.kind in _TASK_FIELDS:
        old = json.loads(row.payload or "{}")
        fields = {name: old[name] for name in _TASK_FIELDS[row.kind] if name in old}
        json_format.ParseDict({row.kind: fields}, task, ignore_unknown_fields=True)
    if row.kind == "normalize":
        # Keys ended in the sync's sequence and the page's place; those of a retry did not.
        sequence, dot, place = row.work_key.rpartition("/")[2].partition(".")
        if dot and sequence.isdigit() and place.isdigit():
            task.normalize.page.source_id = row.source_id
            task.normalize.page.sequence, task.normalize.page.place = int(sequence), int(place)
    return task.SerializeToString()


def _outcome(kind: str, text: str) -> bytes:
    """Return the outcome of a stored item; empty when it has none."""
    if not text:
        return b""
    old, outcome = json.loads(text), pb.WorkOutcome()
    if kind in _OUTCOME_FIELDS:
        fields = {name: old[name] for name in _OUTCOME_FIELDS[kind] if name in old}
        json_format.ParseDict({kind: fields}, outcome, ignore_unknown_fields=True)
    elif kind in ("reprocess_diff", "reprocess_apply"):
        json_format.ParseDict({kind: {"reprocess": old}}, outcome, ignore_unknown_fields=True)
    return outcome.SerializeToString()
