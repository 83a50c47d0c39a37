"""The aggregator's tables, as the migrations make them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, String, Table

metadata = MetaData()

results = Table(
    "aggregator_results",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("work_id", String(64), primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("drone_id", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("source_id", String(127), nullable=False),
    Column("dataset", String(127), nullable=False),
    Column("succeeded", Boolean, nullable=False),
    Column("reason", String(64), nullable=False),
    Column("records_in", BigInteger, nullable=False),
    Column("canonical", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("replayed", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("finished_at_ms", BigInteger, nullable=False),
    Index("aggregator_results_newest", "tenant", "project", "finished_at_ms", "work_id"),
    Index("aggregator_results_run", "tenant", "project", "run_id"),
)

reasons = Table(
    "aggregator_reasons",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("work_id", String(64), primary_key=True),
    Column("reason", String(64), primary_key=True),
    Column("records", BigInteger, nullable=False),
)
