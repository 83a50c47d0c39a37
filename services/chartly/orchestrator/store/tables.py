"""The orchestrator's tables, as the migrations make them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

from chartly.platform.outbox import outbox_table

metadata = MetaData()

workflows = Table(
    "orchestrator_workflows",
    metadata,
    Column("workflow_id", String(64), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("project", String(63), nullable=False),
    Column("name", String(63), nullable=False),
    Column("version", String(64), nullable=False),
    Column("content_hash", String(71), nullable=False),
    Column("steps", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    # The name of a workflow that exists, the id of a deleted one: unique with tenant and project, so that a deleted name can be reused.
    Column("slot", String(64), nullable=False),
    # Empty when it has none.
    Column("schedule", Text, nullable=False, server_default=""),
    UniqueConstraint("tenant", "project", "slot"),
)

# The schedule of each workflow that has one, and the time of its next run.
schedules = Table(
    "orchestrator_schedules",
    metadata,
    Column("workflow_id", String(64), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("project", String(63), nullable=False),
    Column("workflow_name", String(63), nullable=False),
    Column("principal", String(255), nullable=False),
    # Empty for a schedule by time.
    Column("event", String(16), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("overlap", String(16), nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("anchor_ms", BigInteger, nullable=False),
    # The last fire time that was decided on; 0 for an event.
    Column("last_ms", BigInteger, nullable=False),
    # When to decide next; 0 for an event, and when nothing will fire.
    Column("next_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("orchestrator_schedules_due", "paused", "next_ms"),
    Index("orchestrator_schedules_event", "tenant", "project", "event", "subject"),
)

# Runs that wait to be started. The transaction that deletes a row starts its run, so that it starts once.
firings = Table(
    "orchestrator_firings",
    metadata,
    Column("run_id", String(64), primary_key=True),
    Column("workflow_id", String(64), nullable=False),
    # Unique in its workflow: the fire time, or `event` for all events since the last run began.
    Column("slot", String(32), nullable=False),
    Column("fire_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("workflow_id", "slot"),
)

# Events that were stored, so that a repeated event does nothing.
events = Table(
    "orchestrator_events",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("event_id", String(200), primary_key=True),
    Column("heard_at_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("orchestrator_events_heard", "heard_at_ms"),
)

keys = Table(
    "orchestrator_keys",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("project", String(63), primary_key=True),
    Column("method", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("made_id", String(64), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
)

runs = Table(
    "orchestrator_runs",
    metadata,
    # ULIDs sort by time, so the order of ids is the order of starts.
    Column("run_id", String(64), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("project", String(63), nullable=False),
    Column("workflow_id", String(64), nullable=False),
    Column("open", Boolean, nullable=False),
    # Ended, and the queue has not cancelled its work yet.
    Column("cancelling", Boolean, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("orchestrator_runs_open", "open", "tenant"),
    Index("orchestrator_runs_project", "tenant", "project", "run_id"),
    Index("orchestrator_runs_workflow", "workflow_id", "open"),
)

# Work that was asked for and has not ended. The transaction that deletes a row counts the end, so that it counts once.
work = Table(
    "orchestrator_work",
    metadata,
    Column("work_key", String(200), primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Index("orchestrator_work_run", "run_id"),
)

# Events that wait for the ledger.
outbox = outbox_table("orchestrator_outbox", metadata)

# One row: the last finished work that the runs have counted.
cursor = Table(
    "orchestrator_cursor",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

# Work that runs did not finish: dead letters, and work that was open when its run ended.
dead_letters = Table(
    "orchestrator_dead_letters",
    metadata,
    # ULIDs sort by time, so the order of ids is the order in which work failed.
    Column("dead_letter_id", String(64), primary_key=True),
    Column("work_key", String(200), nullable=False, unique=True),
    Column("tenant", String(63), nullable=False),
    Column("project", String(63), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("source_id", String(128), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("dead", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    # Once it is resolved: the principal, the time, its note, and the run that retries it.
    Column("resolved_by", String(255), nullable=False),
    Column("resolved_at_ms", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("retried_as", String(64), nullable=False),
    # Resolved, and the queue still has its failed item.
    Column("cleanup_pending", Boolean, nullable=False),
    Index("orchestrator_dead_letters_cleanup", "cleanup_pending"),
    Index("orchestrator_dead_letters_listed", "tenant", "project", "dead", "state", "dead_letter_id"),
    Index("orchestrator_dead_letters_run", "run_id", "state"),
)
