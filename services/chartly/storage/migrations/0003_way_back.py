"""The way back from quarantine, and keys that retention took out."""

import sqlalchemy as sa
from alembic import op

revision = "storage_0003"
down_revision = "storage_0002"
branch_labels = None
depends_on = None


def _text(name: str, length: int, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), primary_key=key, nullable=False)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "storage_standings",
        _text("tenant", 63, key=True),
        _text("project", 63, key=True),
        _text("quarantine_id", 64, key=True),
        _text("dataset", 63),
        _text("state", 9),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("violations", sa.Text, nullable=False),
        _text("profile_hash", 71),
        _text("principal", 255),
        _text("justification", 500),
        _text("before_sha256", 64),
        _text("after_sha256", 64),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("undone_at", sa.BigInteger, nullable=False),
        _text("chunk", 160),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("storage_standings_by_state", "storage_standings", ["tenant", "project", "dataset", "state"])
    op.create_table(
        "storage_expired",
        _text("tenant", 63, key=True),
        _text("project", 63, key=True),
        _text("dataset", 63, key=True),
        _text("path", 255, key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        _text("sha256", 64),
        sa.Column("key_count", sa.BigInteger, nullable=False),
    )
