"""The registry's tables, as the migrations make them.

``namespace`` is ``tenant/<tenant>/project/<project>`` or ``global``. It is part of every key, so no project can read another's row.
"""

import sqlalchemy as sa

metadata = sa.MetaData()

NAMESPACE = sa.String(140)  # "tenant/" + 63 + "/project/" + 63
NAME = sa.String(63)
VERSION = sa.String(64)
HASH = sa.String(71)
REFERENCE = sa.String(320)

profiles = sa.Table(
    "registry_profiles",
    metadata,
    sa.Column("namespace", NAMESPACE, primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("name", NAME, primary_key=True),
    sa.Column("version", VERSION, primary_key=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("content_hash", HASH, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    # Microseconds since 1970, UTC: SQLite has no time with a zone.
    sa.Column("created_at_us", sa.BigInteger, nullable=False),
    sa.Column("deprecated", sa.Boolean, nullable=False),
)

contracts = sa.Table(
    "registry_contracts",
    metadata,
    sa.Column("namespace", NAMESPACE, primary_key=True),
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("version", VERSION, primary_key=True),
    sa.Column("content_hash", HASH, nullable=False),
    sa.Column("schema_json", sa.Text, nullable=False),
    sa.Column("created_at_us", sa.BigInteger, nullable=False),
)

frozen = sa.Table(
    "registry_frozen",
    metadata,
    sa.Column("namespace", NAMESPACE, primary_key=True),
    # The requested reference; `found` is the reference under which the profile was found.
    sa.Column("reference", REFERENCE, primary_key=True),
    sa.Column("found", REFERENCE, nullable=False),
    sa.Column("hash", HASH, nullable=False),
    sa.Column("resolved_json", sa.Text, nullable=False),
    sa.Column("contract_json", sa.Text, nullable=False),
    sa.Column("frozen_at_us", sa.BigInteger, nullable=False),
    sa.Index("registry_frozen_by_hash", "namespace", "hash"),
)
