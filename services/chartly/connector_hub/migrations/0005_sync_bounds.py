"""Where the next sync of a source continues after one that ended at its bound, and which run each sync's bound is counted for."""

import sqlalchemy as sa
from alembic import op

revision = "connector_hub_0005"
down_revision = "connector_hub_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; no sync has ended at its bound, and each counts from 0 at its next call."""
    op.add_column("connector_sources", sa.Column("continue_position", sa.Text))
    op.add_column("connector_sources", sa.Column("continue_key", sa.String(64), nullable=False, server_default=""))
    op.add_column("connector_syncs", sa.Column("asked_by", sa.String(64), nullable=False, server_default=""))
    op.add_column("connector_syncs", sa.Column("ends_at", sa.Integer, nullable=False, server_default="0"))
