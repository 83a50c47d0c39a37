"""The hub's tables, as the migrations make them."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

sources = Table(
    "connector_sources",
    metadata,
    Column("project", String(127), primary_key=True),
    Column("source_id", String(127), primary_key=True),
    Column("connector_ref", String(512), nullable=False),
    Column("connector_hash", String(71), nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("retries", BigInteger, nullable=False),
    Column("bytes_ingested", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("open_until", DateTime(timezone=True)),
    Column("trial_until", DateTime(timezone=True)),
    Column("last_page_at", DateTime(timezone=True)),
    Column("last_reason", String(64), nullable=False),
    # The run whose sync was opened last; its row in `syncs` is the source's cursor. Empty before the first sync.
    Column("last_run_id", String(64), nullable=False, server_default=""),
    # Where the next sync begins, after one that ended at its bound of pages; null when it begins at the source's start. The key is a
    # digest of what a position means, so that it is not used with another address or pagination.
    Column("continue_position", Text),
    Column("continue_key", String(64), nullable=False, server_default=""),
)

syncs = Table(
    "connector_syncs",
    metadata,
    Column("project", String(127), primary_key=True),
    Column("run_id", String(64), primary_key=True),
    Column("source_id", String(127), primary_key=True),
    Column("position", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("finished", Boolean, nullable=False),
    # The run that syncs: the sync's own, or a retry of it. Each may fetch as many pages as a sync may; `ends_at` is their number then.
    Column("asked_by", String(64), nullable=False, server_default=""),
    Column("ends_at", Integer, nullable=False, server_default="0"),
)

pages = Table(
    "connector_pages",
    metadata,
    Column("project", String(127), primary_key=True),
    Column("run_id", String(64), primary_key=True),
    Column("source_id", String(127), primary_key=True),
    Column("page", Integer, primary_key=True),
    Column("sequence", Integer, nullable=False),
    # A serialized chartly.v1.RawRef.
    Column("raw", LargeBinary, nullable=False),
)

# One row for each push, until some time after its commit.
inbox = Table(
    "connector_inbox",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("project", String(127), nullable=False),
    Column("source_id", String(127), nullable=False),
    # The client's idempotency key, or `sha256:` and the digest; unique with project and source.
    Column("key", String(200), nullable=False),
    Column("work_key", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    # A serialized chartly.v1.RawRef.
    Column("raw", LargeBinary, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    # landed, taken, committed or held.
    Column("state", String(16), nullable=False),
    # The run that took it, in which of its syncs, and its place among that sync's pages.
    Column("run_id", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    # Runs that took it and did not commit it.
    Column("attempts", Integer, nullable=False),
    Column("landed_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    # A serialized chartly.v1.RecordCounts, once committed.
    Column("counts", LargeBinary, nullable=False),
    Index("connector_inbox_key", "project", "source_id", "key", unique=True),
    Index("connector_inbox_run", "run_id", "source_id", "sequence", "place"),
    Index("connector_inbox_state", "state", "project", "source_id", "position"),
)

# The uncommitted pushes of each source, counted in the transactions of the inbox, so that no bound needs a count of rows.
inbox_depths = Table(
    "connector_inbox_depths",
    metadata,
    Column("project", String(127), primary_key=True),
    Column("source_id", String(127), primary_key=True),
    Column("pushes", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
)

# One row: the sequence of the last finished work that the inbox has applied.
inbox_cursor = Table(
    "connector_inbox_cursor",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("finished", BigInteger, nullable=False),
)
