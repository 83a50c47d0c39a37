"""The inbox of pushes, how deep it is, and how far finished work was read for it."""

import sqlalchemy as sa
from alembic import op

revision = "connector_hub_0002"
down_revision = "connector_hub_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "connector_inbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("project", sa.String(127), nullable=False),
        sa.Column("source_id", sa.String(127), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("work_key", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("records", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("landed_at_ms", sa.BigInteger, nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger, nullable=False),
        sa.Column("counts", sa.LargeBinary, nullable=False),
    )
    op.create_index("connector_inbox_key", "connector_inbox", ["project", "source_id", "key"], unique=True)
    op.create_index("connector_inbox_state", "connector_inbox", ["state", "project", "source_id", "position"])
    op.create_index("connector_inbox_run", "connector_inbox", ["run_id", "source_id", "sequence", "place"])
    op.create_table(
        "connector_inbox_depths",
        sa.Column("project", sa.String(127), primary_key=True),
        sa.Column("source_id", sa.String(127), primary_key=True),
        sa.Column("pushes", sa.BigInteger, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "connector_inbox_cursor",
        sa.Column("one", sa.Integer, primary_key=True),
        sa.Column("finished", sa.BigInteger, nullable=False),
    )
