"""The run that synced each source last, whose cursor is the source's."""

import sqlalchemy as sa
from alembic import op

revision = "connector_hub_0003"
down_revision = "connector_hub_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; sources that were synced before have no cursor until their next sync."""
    op.add_column("connector_sources", sa.Column("last_run_id", sa.String(64), nullable=False, server_default=""))
