"""The metadata tables of chunks and rebuilds. Every key begins with tenant and project."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, String, Table, Text

from .tables import metadata

chunks = Table(
    "storage_chunks",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("dataset", String(63), primary_key=True),
    Column("work_key", String(64), primary_key=True),
    # The dataset's versions that hold the chunk: from this one to the one before ``until_version``, which is null while it is held.
    Column("from_version", BigInteger, primary_key=True, autoincrement=False),
    Column("until_version", BigInteger),
    # rebuild: another chunk of the same raw bytes took its place. restore: the versions that held it were rolled back.
    Column("ended_by", String(7), nullable=False),
    # The commit that wrote its rows, in the table and in quarantine.
    Column("commit_version", BigInteger, nullable=False),
    # Its place among the dataset's chunks: the version that first held these raw bytes. Its rows bear it as their sequence.
    Column("position", BigInteger, nullable=False),
    Column("raw_sha256", String(64), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("captured_at", DateTime(timezone=True)),
    Column("ingested_at", DateTime(timezone=True), nullable=False),
    Column("normalizer_ref", String(255), nullable=False),
    Column("normalizer_hash", String(71), nullable=False),
    Column("dedupe_policy", String(10), nullable=False),
    Column("records_in", BigInteger, nullable=False),
    Column("canonical", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("chunk_digest", String(71), nullable=False),
    Index("storage_chunks_by_version", "tenant", "project", "dataset", "from_version"),
)
# A dataset holds a chunk once, whatever a program believes.
Index(
    "storage_chunks_live_once",
    chunks.c.tenant,
    chunks.c.project,
    chunks.c.dataset,
    chunks.c.work_key,
    unique=True,
    sqlite_where=chunks.c.until_version.is_(None),
    postgresql_where=chunks.c.until_version.is_(None),
)

reprocesses = Table(
    "storage_reprocesses",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("reprocess_id", String(200), primary_key=True),
    Column("dataset", String(63), nullable=False),
    Column("state", String(7), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("body", Text, nullable=False),
    Index("storage_reprocesses_by_age", "created_at"),
)

restaged = Table(
    "storage_restaged",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("reprocess_id", String(200), primary_key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("raw_sha256", String(64), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("captured_at", DateTime(timezone=True)),
    Column("ingested_at", DateTime(timezone=True), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("staged", Boolean, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
)
