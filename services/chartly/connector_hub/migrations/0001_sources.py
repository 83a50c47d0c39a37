"""Sources, their syncs and the pages of each sync."""

import sqlalchemy as sa
from alembic import op

revision = "connector_hub_0001"
down_revision = None
branch_labels = ("connector_hub",)
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "connector_sources",
        sa.Column("project", sa.String(127), primary_key=True),
        sa.Column("source_id", sa.String(127), primary_key=True),
        sa.Column("connector_ref", sa.String(512), nullable=False),
        sa.Column("connector_hash", sa.String(71), nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.Column("retries", sa.BigInteger, nullable=False),
        sa.Column("bytes_ingested", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True)),
        sa.Column("last_page_at", sa.DateTime(timezone=True)),
        sa.Column("last_reason", sa.String(64), nullable=False),
    )
    op.create_table(
        "connector_syncs",
        sa.Column("project", sa.String(127), primary_key=True),
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("source_id", sa.String(127), primary_key=True),
        sa.Column("position", sa.Text, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("finished", sa.Boolean, nullable=False),
    )
    op.create_table(
        "connector_pages",
        sa.Column("project", sa.String(127), primary_key=True),
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("source_id", sa.String(127), primary_key=True),
        sa.Column("page", sa.Integer, primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
    )
