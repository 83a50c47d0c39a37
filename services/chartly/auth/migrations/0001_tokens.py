"""Bearer tokens, by digest."""

import sqlalchemy as sa
from alembic import op

revision = "auth_0001"
down_revision = None
branch_labels = ("auth",)


def upgrade() -> None:
    """Make the table and the index that lists a tenant's tokens."""
    op.create_table(
        "auth_tokens",
        sa.Column("token_id", sa.String(30), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("principal", sa.String(100), nullable=False),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("projects", sa.JSON, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.Column("expires_at_us", sa.BigInteger),
        sa.Column("revoked_at_us", sa.BigInteger),
    )
    op.create_index("auth_tokens_by_tenant", "auth_tokens", ["tenant", "token_id"])
