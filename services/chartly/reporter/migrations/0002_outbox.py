"""The outbox: events of reports that wait for the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "reporter_0002"
down_revision = "reporter_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "reporter_outbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("project", sa.String(63), nullable=False),
        sa.Column("principal", sa.String(255), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False, server_default="0"),
        sa.Column("refusal", sa.String(500), nullable=False, server_default=""),
    )
    op.create_index("reporter_outbox_waiting", "reporter_outbox", ["refusal", "size_bytes"])
