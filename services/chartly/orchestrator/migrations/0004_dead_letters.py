"""Dead letters under their own name, and wanted work with typed tasks instead of free JSON. Work that is stored is converted."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Connection

revision = "orchestrator_0004"
down_revision = "orchestrator_0003"
branch_labels = None
depends_on = None

_ROWS_AT_ONCE = 500
# Fields of the old JSON that the task has; the others were read by nothing.
_TASK_FIELDS = {
    "connector_sync": ("connector", "sequence", "continues_run_id"),
    "normalize": ("raw", "normalizer", "storage"),
    "analytics_query": ("analytics",),
    "reprocess_plan": ("reprocess_id", "dataset", "scope"),
    "reprocess_normalize": ("reprocess_id", "place"),
    "reprocess_diff": ("reprocess_id",),
    "reprocess_apply": ("reprocess_id",),
}


def upgrade() -> None:
    """Rename the table and its column, and convert stored work."""
    for index in ("listed", "run", "untold"):
        op.drop_index(f"orchestrator_unfinished_{index}", table_name="orchestrator_unfinished")
    op.rename_table("orchestrator_unfinished", "orchestrator_dead_letters")
    op.execute("ALTER TABLE orchestrator_dead_letters RENAME COLUMN untold TO cleanup_pending")
    listed = ["tenant", "project", "dead", "state", "dead_letter_id"]
    op.create_index("orchestrator_dead_letters_listed", "orchestrator_dead_letters", listed)
    op.create_index("orchestrator_dead_letters_run", "orchestrator_dead_letters", ["run_id", "state"])
    op.create_index("orchestrator_dead_letters_cleanup", "orchestrator_dead_letters", ["cleanup_pending"])
    _convert(op.get_bind(), "orchestrator_work", "work_key")
    _convert(op.get_bind(), "orchestrator_dead_letters", "dead_letter_id")


def _convert(connection: Connection, table: str, key: str) -> None:
    stored: sa.TableClause = sa.table(table, sa.column(key, sa.String), sa.column("body", sa.Text))
    last = ""
    query = sa.select(stored.c[key], stored.c.body).order_by(stored.c[key]).limit(_ROWS_AT_ONCE)
    while rows := connection.execute(query.where(stored.c[key] > last)).all():
        for row in rows:
            connection.execute(sa.update(stored).where(stored.c[key] == row[0]).values(body=_converted(row[1])))
        last = str(rows[-1][0])


def _converted(body: str) -> str:
    """Return the body with a task: that of wanted work, or that of a dead letter, which holds its wanted work."""
    value: dict[str, Any] = json.loads(body)
    _set_task(value.get("wanted", value))
    return json.dumps(value)


def _set_task(wanted: dict[str, Any]) -> None:
    kind, payload = wanted.pop("kind", ""), wanted.pop("payload", {})
    wanted["task"] = {}
    if kind not in _TASK_FIELDS:
        return
    task: dict[str, Any] = {name: payload[name] for name in _TASK_FIELDS[kind] if name in payload}
    if kind == "normalize":
        # Keys ended in the sync's sequence and the page's place; those of a retry did not.
        sequence, dot, place = str(wanted["work_key"]).rpartition("/")[2].partition(".")
        if dot and sequence.isdigit() and place.isdigit():
            task["page"] = {"source_id": wanted["source_id"], "sequence": int(sequence), "place": int(place)}
    wanted["task"] = {kind: task}
