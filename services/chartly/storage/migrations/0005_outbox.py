"""Sizes of the events that wait for the ledger, and why it refused those that it refused."""

import sqlalchemy as sa
from alembic import op

revision = "storage_0005"
down_revision = "storage_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; events of before have the size of their text."""
    op.add_column("storage_outbox", sa.Column("size_bytes", sa.Integer, nullable=False, server_default="0"))
    op.add_column("storage_outbox", sa.Column("refusal", sa.String(500), nullable=False, server_default=""))
    op.execute("UPDATE storage_outbox SET size_bytes = length(body)")
    op.create_index("storage_outbox_waiting", "storage_outbox", ["refusal", "size_bytes"])
