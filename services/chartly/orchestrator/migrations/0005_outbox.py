"""Make the outbox as all services have it. Events that wait are converted: the run's id and who caused the event move into the body."""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "orchestrator_0005"
down_revision = "orchestrator_0004"
branch_labels = None
depends_on = None

_ROWS_AT_ONCE = 500


def upgrade() -> None:
    """Add the columns, convert the events, and drop the column of the run."""
    op.add_column("orchestrator_outbox", sa.Column("size_bytes", sa.Integer, nullable=False, server_default="0"))
    op.add_column("orchestrator_outbox", sa.Column("refusal", sa.String(500), nullable=False, server_default=""))
    connection = op.get_bind()
    outbox = sa.Table("orchestrator_outbox", sa.MetaData(), autoload_with=connection)
    columns = sa.select(outbox.c.position, outbox.c.principal, outbox.c.run_id, outbox.c.body).order_by(outbox.c.position)
    last = 0
    while rows := connection.execute(columns.where(outbox.c.position > last).limit(_ROWS_AT_ONCE)).all():
        for position, principal, run_id, body in rows:
            converted = _converted(body, principal, run_id)
            values = {"body": converted, "size_bytes": len(converted.encode())}
            connection.execute(outbox.update().where(outbox.c.position == position).values(values))
        last = rows[-1][0]
    op.drop_column("orchestrator_outbox", "run_id")
    op.create_index("orchestrator_outbox_waiting", "orchestrator_outbox", ["refusal", "size_bytes"])


def _converted(body: str, principal: str, run_id: str) -> str:
    event = json.loads(body)
    occurred_at = datetime.fromtimestamp(event.pop("occurred_at_ms") / 1000, UTC).isoformat()
    return json.dumps(event | {"run_id": run_id, "principal": principal, "occurred_at": occurred_at})
