"""Work that runs left undone."""

import sqlalchemy as sa
from alembic import op

revision = "orchestrator_0003"
down_revision = "orchestrator_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "orchestrator_unfinished",
        sa.Column("dead_letter_id", sa.String(64), primary_key=True),
        sa.Column("work_key", sa.String(200), nullable=False, unique=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("source_id", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("dead", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("resolved_by", sa.String(255), nullable=False),
        sa.Column("resolved_at_ms", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("retried_as", sa.String(64), nullable=False),
        sa.Column("untold", sa.Boolean, nullable=False),
    )
    op.create_index("orchestrator_unfinished_listed", "orchestrator_unfinished", ["tenant", "project", "dead", "state", "dead_letter_id"])
    op.create_index("orchestrator_unfinished_run", "orchestrator_unfinished", ["run_id", "state"])
    op.create_index("orchestrator_unfinished_untold", "orchestrator_unfinished", ["untold"])
