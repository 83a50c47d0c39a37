"""Who owns the queue, and that the owner is alive."""

import sqlalchemy as sa
from alembic import op

revision = "coordinator_0003"
down_revision = "coordinator_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. An owner of an earlier version has no id: it counts as gone, and its epoch is raised as before."""
    op.add_column("coordinator_owner", sa.Column("owner_id", sa.String(64), nullable=False, server_default=""))
    op.add_column("coordinator_owner", sa.Column("beats", sa.BigInteger, nullable=False, server_default="0"))
