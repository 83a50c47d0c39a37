"""The metadata tables of storage. Every key begins with tenant and project."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from chartly.platform.outbox import outbox_table

metadata = MetaData()

blobs = Table(
    "storage_blobs",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("bucket", String(63), nullable=False),
    Column("key", String(1024), nullable=False),
    Column("content_type", String(255), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("captured_at", DateTime(timezone=True), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
)

datasets = Table(
    "storage_datasets",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("dataset", String(63), primary_key=True),
    Column("derived", Boolean, nullable=False),
    # The last committed sequence; 0 before the first.
    Column("version", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("content_hash", String(71), nullable=False),
    # State of the content hash (LtHash, 2 KiB), updated by each commit; empty for a derived dataset.
    Column("content_state", LargeBinary, nullable=False),
    Column("storage_ref", String(255), nullable=False),
    Column("storage_hash", String(71), nullable=False),
    Column("policy", Text, nullable=False),
    Column("columns", Text, nullable=False),
    # Of a derived dataset, the dataset versions that it was computed from, as JSON.
    Column("inputs", Text, nullable=False, server_default="[]"),
    Column("records_in", BigInteger, nullable=False),
    Column("canonical", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

commits = Table(
    "storage_commits",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("dataset", String(63), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("work_key", String(64), nullable=False),
    Column("state", String(9), nullable=False),
    Column("mode", String(7), nullable=False),
    Column("submission_id", String(200), nullable=False),
    Column("run_id", String(200), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("raw_sha256", String(64), nullable=False),
    Column("captured_at", DateTime(timezone=True)),
    Column("normalizer_ref", String(255), nullable=False),
    Column("normalizer_hash", String(71), nullable=False),
    Column("dedupe_policy", String(10), nullable=False),
    Column("storage_ref", String(255), nullable=False),
    Column("storage_hash", String(71), nullable=False),
    Column("records_in", BigInteger, nullable=False),
    Column("canonical", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("chunk_digest", String(71), nullable=False),
    # Digests of all accepted and rejected records; empty for commits of earlier builds.
    Column("accepted_digest", String(71), nullable=False),
    Column("rejected_digest", String(71), nullable=False),
    Column("content_hash", String(71), nullable=False),
    # The dataset's rows after the commit.
    Column("rows", BigInteger, nullable=False),
    Column("delta_version", Integer, nullable=False),
    Column("committed_at", DateTime(timezone=True), nullable=False),
    # Data for finishing the commit (files, schema, policy, hash state); cleared once committed.
    Column("changes", Text, nullable=False),
    Column("content_state", LargeBinary, nullable=False),
    Index("storage_commits_by_work_key", "tenant", "project", "dataset", "work_key"),
    # Prepared rows are few; all of them are searched at start.
    Index("storage_commits_by_state", "state"),
    Index("storage_commits_by_run", "tenant", "project", "run_id"),
)

# Events that wait for the ledger.
outbox = outbox_table("storage_outbox", metadata)

# Statuses of quarantined records. The table has its first name still, since a rename would gain nothing.
quarantine_statuses = Table(
    "storage_standings",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("quarantine_id", String(64), primary_key=True),
    Column("dataset", String(63), nullable=False),
    Column("state", String(9), nullable=False),
    Column("attempts", Integer, nullable=False),
    # Violations of the last retry, as JSON.
    Column("violations", Text, nullable=False),
    Column("profile_hash", String(71), nullable=False),
    Column("principal", String(255), nullable=False),
    Column("justification", String(500), nullable=False),
    Column("before_sha256", String(64), nullable=False),
    Column("after_sha256", String(64), nullable=False),
    # The dataset version that released the record; 0 for none.
    Column("version", BigInteger, nullable=False),
    # Versions in which the record entered, left, entered … the dataset, in order, as JSON.
    Column("turns", Text, nullable=False),
    # The chunk that has its quarantine row, as named by ``chunk_rows.withdrawn_name``.
    Column("chunk", String(160), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("storage_standings_by_state", "tenant", "project", "dataset", "state"),
)

# Files with the keys that retention removed from a dataset. Its index is rebuilt from these and the table.
expired = Table(
    "storage_expired",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("dataset", String(63), primary_key=True),
    Column("path", String(255), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("key_count", BigInteger, nullable=False),
)

chunks = Table(
    "storage_chunks",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("dataset", String(63), primary_key=True),
    Column("work_key", String(64), primary_key=True),
    # The dataset holds the chunk in versions [from_version, until_version); until_version is null while it is held.
    Column("from_version", BigInteger, primary_key=True, autoincrement=False),
    Column("until_version", BigInteger),
    # rebuild: another chunk of the same raw bytes replaced it. restore: the versions that held it were rolled back.
    Column("ended_by", String(7), nullable=False),
    # The commit that wrote its rows, in the table and in quarantine.
    Column("commit_version", BigInteger, nullable=False),
    # Its position among the dataset's chunks: the version that first held these raw bytes. Its rows have it as their sequence.
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
# The database itself enforces that a dataset holds a chunk once.
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
