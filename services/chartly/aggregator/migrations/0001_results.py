"""Results of work, and the reasons of their quarantined records."""

import sqlalchemy as sa
from alembic import op

revision = "aggregator_0001"
down_revision = None
branch_labels = ("aggregator",)
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "aggregator_results",
        sa.Column("tenant", sa.String(63), primary_key=True),
        sa.Column("project", sa.String(63), primary_key=True),
        sa.Column("work_id", sa.String(64), primary_key=True),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("drone_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("source_id", sa.String(127), nullable=False),
        sa.Column("dataset", sa.String(127), nullable=False),
        sa.Column("succeeded", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("records_in", sa.BigInteger, nullable=False),
        sa.Column("canonical", sa.BigInteger, nullable=False),
        sa.Column("duplicates", sa.BigInteger, nullable=False),
        sa.Column("quarantined", sa.BigInteger, nullable=False),
        sa.Column("replayed", sa.BigInteger, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("finished_at_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("aggregator_results_newest", "aggregator_results", ["tenant", "project", "finished_at_ms", "work_id"])
    op.create_index("aggregator_results_run", "aggregator_results", ["tenant", "project", "run_id"])
    op.create_table(
        "aggregator_reasons",
        sa.Column("tenant", sa.String(63), primary_key=True),
        sa.Column("project", sa.String(63), primary_key=True),
        sa.Column("work_id", sa.String(64), primary_key=True),
        sa.Column("reason", sa.String(64), primary_key=True),
        sa.Column("records", sa.BigInteger, nullable=False),
    )
