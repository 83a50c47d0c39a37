"""The outbox: events of queries and rollups that wait for the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "analytics_0001"
down_revision = None
branch_labels = ("analytics",)
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "analytics_outbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("principal", sa.String(255), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False, server_default="0"),
        sa.Column("refusal", sa.String(500), nullable=False, server_default=""),
    )
    op.create_index("analytics_outbox_waiting", "analytics_outbox", ["refusal", "size_bytes"])
