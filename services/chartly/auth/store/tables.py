"""The tables of identity."""

import sqlalchemy as sa

metadata = sa.MetaData()

tokens = sa.Table(
    "auth_tokens",
    metadata,
    sa.Column("token_id", sa.String(30), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("tenant", sa.String(63), nullable=False),
    sa.Column("principal", sa.String(100), nullable=False),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("projects", sa.JSON, nullable=False),
    # Microseconds since 1970, UTC: SQLite has no time with a zone.
    sa.Column("created_at_us", sa.BigInteger, nullable=False),
    sa.Column("expires_at_us", sa.BigInteger),
    sa.Column("revoked_at_us", sa.BigInteger),
    sa.Index("auth_tokens_by_tenant", "tenant", "token_id"),
)
