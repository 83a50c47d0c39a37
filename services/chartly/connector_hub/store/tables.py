"""The hub's tables, as the migrations make them."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, LargeBinary, MetaData, String, Table, Text

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
    Column("last_page_at", DateTime(timezone=True)),
    Column("last_reason", String(64), nullable=False),
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
