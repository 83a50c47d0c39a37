"""Chunks by the versions that hold them, and rebuilds of datasets from their raw bytes."""

import sqlalchemy as sa
from alembic import op

revision = "storage_0002"
down_revision = "storage_0001"
branch_labels = None
depends_on = None

PROJECT = (("tenant", 63), ("project", 63))
COUNTS = ("records_in", "canonical", "duplicates", "quarantined")


def _key(*names: tuple[str, int]) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length), primary_key=True) for name, length in (*PROJECT, *names)]


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str, *, key: bool = False, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=key, autoincrement=False, nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Create the tables, and take every chunk that was ever appended as one that its dataset still holds."""
    _chunks()
    op.create_table(
        "storage_reprocesses",
        *_key(("reprocess_id", 200)),
        _text("dataset", 63),
        _text("state", 7),
        _time("created_at"),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("storage_reprocesses_by_age", "storage_reprocesses", ["created_at"])
    op.create_table(
        "storage_restaged",
        *_key(("reprocess_id", 200)),
        _number("place", key=True),
        _text("raw_sha256", 64),
        _text("source_id", 200),
        _time("captured_at", nullable=True),
        _time("ingested_at"),
        _number("position"),
        sa.Column("staged", sa.Boolean, nullable=False),
        *(_number(name) for name in ("records", "accepted", "rejected")),
    )
    op.create_table(
        "storage_outbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        _text("tenant", 63),
        _text("project", 63),
        _text("principal", 255),
        sa.Column("body", sa.Text, nullable=False),
    )
    # That a chunk is committed once is now said of what the dataset holds: after a rollback it may come again.
    op.drop_index("storage_commits_append_once", "storage_commits")
    op.create_index("storage_commits_by_run", "storage_commits", ["tenant", "project", "run_id"])
    for name in ("accepted_digest", "rejected_digest"):
        op.add_column("storage_commits", sa.Column(name, sa.String(71), nullable=False, server_default=""))


def _chunks() -> None:
    op.create_table(
        "storage_chunks",
        *_key(("dataset", 63), ("work_key", 64)),
        _number("from_version", key=True),
        _number("until_version", nullable=True),
        _text("ended_by", 7),
        _number("commit_version"),
        _number("position"),
        _text("raw_sha256", 64),
        _text("source_id", 200),
        _time("captured_at", nullable=True),
        _time("ingested_at"),
        _text("normalizer_ref", 255),
        _text("normalizer_hash", 71),
        _text("dedupe_policy", 10),
        *(_number(name) for name in COUNTS),
        sa.Column("reasons", sa.Text, nullable=False),
        _text("chunk_digest", 71),
    )
    columns = ["tenant", "project", "dataset"]
    live = sa.text("until_version IS NULL")
    op.create_index(
        "storage_chunks_live_once", "storage_chunks", [*columns, "work_key"], unique=True, sqlite_where=live, postgresql_where=live
    )
    op.create_index("storage_chunks_by_version", "storage_chunks", [*columns, "from_version"])
    op.execute(
        "INSERT INTO storage_chunks (tenant, project, dataset, work_key, from_version, until_version, ended_by, commit_version, "
        "position, raw_sha256, source_id, captured_at, ingested_at, normalizer_ref, normalizer_hash, dedupe_policy, "
        "records_in, canonical, duplicates, quarantined, reasons, chunk_digest) "
        "SELECT tenant, project, dataset, work_key, sequence, NULL, '', sequence, sequence, raw_sha256, source_id, captured_at, "
        "committed_at, normalizer_ref, normalizer_hash, dedupe_policy, records_in, canonical, duplicates, quarantined, reasons, "
        "chunk_digest FROM storage_commits WHERE mode = 'append'"
    )
