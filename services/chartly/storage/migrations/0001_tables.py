"""Blobs, datasets and their commits."""

import sqlalchemy as sa
from alembic import op

revision = "storage_0001"
down_revision = None
branch_labels = ("storage",)
depends_on = None

PROJECT = (("tenant", 63), ("project", 63))


def _key(*names: tuple[str, int]) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length), primary_key=True) for name, length in (*PROJECT, *names)]


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "storage_blobs",
        *_key(("sha256", 64)),
        _text("bucket", 63),
        _text("key", 1024),
        _text("content_type", 255),
        _text("source_id", 200),
        _time("captured_at"),
        _number("size_bytes"),
    )
    op.create_table(
        "storage_datasets",
        *_key(("dataset", 63)),
        sa.Column("derived", sa.Boolean, nullable=False),
        _number("version"),
        _number("rows"),
        _text("content_hash", 71),
        sa.Column("content_state", sa.LargeBinary, nullable=False),
        _text("storage_ref", 255),
        _text("storage_hash", 71),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        *(_number(name) for name in ("records_in", "canonical", "duplicates", "quarantined")),
        _time("created_at"),
        _time("updated_at"),
    )
    op.create_table(
        "storage_commits",
        *_key(("dataset", 63)),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        _text("work_key", 64),
        _text("state", 9),
        _text("mode", 7),
        _text("submission_id", 200),
        _text("run_id", 200),
        _text("source_id", 200),
        _text("raw_sha256", 64),
        _time("captured_at", nullable=True),
        _text("normalizer_ref", 255),
        _text("normalizer_hash", 71),
        _text("dedupe_policy", 10),
        _text("storage_ref", 255),
        _text("storage_hash", 71),
        *(_number(name) for name in ("records_in", "canonical", "duplicates", "quarantined")),
        sa.Column("reasons", sa.Text, nullable=False),
        _text("chunk_digest", 71),
        _text("content_hash", 71),
        _number("rows"),
        sa.Column("delta_version", sa.Integer, nullable=False),
        _time("committed_at"),
        sa.Column("changes", sa.Text, nullable=False),
        sa.Column("content_state", sa.LargeBinary, nullable=False),
    )
    columns = ["tenant", "project", "dataset", "work_key"]
    appended = sa.text("mode = 'append'")
    op.create_index("storage_commits_by_work_key", "storage_commits", columns)
    op.create_index("storage_commits_by_state", "storage_commits", ["state"])
    op.create_index(
        "storage_commits_append_once",
        "storage_commits",
        columns,
        unique=True,
        sqlite_where=appended,
        postgresql_where=appended,
    )
