"""The table of reports: result and manifest. The files are blobs."""

import sqlalchemy as sa
from alembic import op

revision = "reporter_0001"
down_revision = None
branch_labels = ("reporter",)
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "reporter_reports",
        sa.Column("tenant", sa.String(63), primary_key=True),
        sa.Column("project", sa.String(63), primary_key=True),
        sa.Column("report_id", sa.String(64), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("report_hash", sa.String(71), nullable=False),
        sa.Column("result", sa.LargeBinary, nullable=False),
        sa.Column("manifest", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("reporter_reports_newest", "reporter_reports", ["tenant", "project", "created_at"])
