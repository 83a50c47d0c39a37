"""Until when the trial request of a half-open circuit is under way."""

import sqlalchemy as sa
from alembic import op

revision = "connector_hub_0004"
down_revision = "connector_hub_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; no trial is under way."""
    op.add_column("connector_sources", sa.Column("trial_until", sa.DateTime(timezone=True)))
