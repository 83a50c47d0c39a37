"""Schedules, the runs that wait to be started, and the events that were heard."""

import sqlalchemy as sa
from alembic import op

revision = "orchestrator_0002"
down_revision = "orchestrator_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.add_column("orchestrator_workflows", sa.Column("schedule", sa.Text, nullable=False, server_default=""))
    op.create_index("orchestrator_runs_workflow", "orchestrator_runs", ["workflow_id", "open"])
    op.create_table(
        "orchestrator_schedules",
        sa.Column("workflow_id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("workflow_name", sa.String(63), nullable=False),
        sa.Column("principal", sa.String(255), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("overlap", sa.String(16), nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("anchor_ms", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("next_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("orchestrator_schedules_event", "orchestrator_schedules", ["tenant", "project", "event", "subject"])
    op.create_index("orchestrator_schedules_due", "orchestrator_schedules", ["paused", "next_ms"])
    op.create_table(
        "orchestrator_firings",
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("workflow_id", sa.String(64), nullable=False),
        sa.Column("slot", sa.String(32), nullable=False),
        sa.Column("fire_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("workflow_id", "slot"),
    )
    op.create_table(
        "orchestrator_events",
        sa.Column("tenant", sa.String(63), primary_key=True),
        sa.Column("project", sa.String(63), primary_key=True),
        sa.Column("event_id", sa.String(200), primary_key=True),
        sa.Column("heard_at_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("orchestrator_events_heard", "orchestrator_events", ["heard_at_ms"])
