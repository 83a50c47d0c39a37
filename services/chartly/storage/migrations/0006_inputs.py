"""The dataset versions that a derived dataset was computed from."""

import sqlalchemy as sa
from alembic import op

revision = "storage_0006"
down_revision = "storage_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Derived datasets of before have no known inputs until their rollup runs once more."""
    op.add_column("storage_datasets", sa.Column("inputs", sa.Text, nullable=False, server_default="[]"))
