"""Profiles, contracts and what was frozen of them."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0001"
down_revision = None
branch_labels = ("registry",)


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "registry_profiles",
        sa.Column("namespace", sa.String(140), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(63), primary_key=True),
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("content_hash", sa.String(71), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("deprecated", sa.Boolean, nullable=False),
    )
    op.create_table(
        "registry_contracts",
        sa.Column("namespace", sa.String(140), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("content_hash", sa.String(71), nullable=False),
        sa.Column("schema_json", sa.Text, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "registry_frozen",
        sa.Column("namespace", sa.String(140), primary_key=True),
        sa.Column("reference", sa.String(320), primary_key=True),
        sa.Column("found", sa.String(320), nullable=False),
        sa.Column("hash", sa.String(71), nullable=False),
        sa.Column("resolved_json", sa.Text, nullable=False),
        sa.Column("contract_json", sa.Text, nullable=False),
        sa.Column("frozen_at_us", sa.BigInteger, nullable=False),
    )
    op.create_index("registry_frozen_by_hash", "registry_frozen", ["namespace", "hash"])
