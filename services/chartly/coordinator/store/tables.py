"""The coordinator's tables, as the migrations make them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

work = Table(
    "coordinator_work",
    metadata,
    Column("work_id", String(64), primary_key=True),
    Column("work_key", String(200), nullable=False, unique=True),
    Column("kind", String(64), nullable=False),
    Column("tenant", String(63), nullable=False),
    Column("project", String(63), nullable=False),
    Column("source_id", String(127), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("step", String(63), nullable=False),
    Column("principal", String(255), nullable=False),
    Column("task", LargeBinary, nullable=False),
    Column("data_bytes", BigInteger, nullable=False),
    Column("attempts_max", Integer, nullable=False),
    Column("enqueued_at_ms", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("faults", Integer, nullable=False),
    Column("refusals", Integer, nullable=False),
    Column("losses", Integer, nullable=False),
    Column("ready_at_ms", BigInteger, nullable=False),
    Column("lease_id", String(96), nullable=False),
    Column("drone_id", String(64), nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("outcome", LargeBinary, nullable=False),
    Column("reason", String(64), nullable=False),
    Column("message", Text, nullable=False),
    Column("finish_sequence", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger, nullable=False),
    Index("coordinator_work_finish", "finish_sequence"),
    Index("coordinator_work_state", "state", "tenant", "project"),
)

drones = Table(
    "coordinator_drones",
    metadata,
    Column("drone_id", String(64), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    # Sorted, joined by commas; empty for all.
    Column("kinds", Text, nullable=False),
    Column("registered_at_ms", BigInteger, nullable=False),
    Column("heard_at_ms", BigInteger, nullable=False),
    Column("draining", Boolean, nullable=False),
    Column("completed", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
)

# One row. Every write transaction names its epoch, so a process that was superseded can't write.
# owner_id is unique for each owning engine, and empty when the last owner has stopped. beats changes while the owner is alive.
owner = Table(
    "coordinator_owner",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("finished", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("owner_id", String(64), nullable=False),
    Column("beats", BigInteger, nullable=False),
)
