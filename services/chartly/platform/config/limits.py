"""Every bound of the system, with its unit in the name and its reason beside it. The owner of a resource enforces its bounds.

docs/reference/limits.md is written from this table (``python -m docs.from_code``) and a test compares them.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

Count = Annotated[int, Meta(ge=1)]


def _why(reason: str) -> Meta:
    return Meta(ge=1, description=reason)


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Bounds of sizes, numbers and times. All are at least 1: nothing is unbounded."""

    # Ingest and connectors.
    payload_bytes_max: Annotated[int, _why("One push or file; a chunk's raw bytes are held in memory while they are hashed.")] = 16 * MIB
    page_bytes_max: Annotated[int, _why("One page of an upstream; a runaway response is cut here, not in memory.")] = 16 * MIB
    sync_pages_max: Annotated[int, _why("Pages of one sync; a source whose cursors form a circle ends here.")] = 10_000
    pushes_open_max: Annotated[
        int, _why("Pushes that the edge admits at once, including those that wait for their commit; more get 429 at once.")
    ] = 64
    pushes_storing_max: Annotated[int, _why("Pushes that are stored at once; more don't make a disk faster.")] = 4
    push_bytes_in_memory_max: Annotated[int, _why("Bytes of pushes that are being stored or wait; beyond it a push is refused.")] = (
        128 * MIB
    )
    push_wait_s: Annotated[int, _why("Longest that a push waits for a slot or a slow store; then it is refused.")] = 5
    pushes_waiting_max: Annotated[
        int, _why("Pushes that are being stored or wait for it; with four at a time the last waits for three others.")
    ] = 16
    push_answer_s: Annotated[
        int, _why("Longest from a push's arrival until it is acknowledged; one that isn't durable by then is refused.")
    ] = 10
    push_commit_wait_s: Annotated[int, _why("Longest that a push waits for its commit when it asks for that; below a call's deadline.")] = (
        20
    )
    push_stream_page_bytes: Annotated[int, _why("Size of the pushes that a stream is cut into; a commit takes about a second.")] = 8 * MIB
    inbox_items_max: Annotated[int, _why("Pushes that are not committed yet; a push above it is refused. Each is a row.")] = 50_000
    inbox_tenant_items_max: Annotated[int, _why("As above, for one tenant.")] = 20_000
    inbox_source_items_max: Annotated[int, _why("As above, for one source.")] = 10_000
    inbox_bytes_max: Annotated[int, _why("Bytes of pushes that are not committed yet: some minutes of what the machine takes.")] = 16 * GIB
    inbox_tenant_bytes_max: Annotated[int, _why("As above, for one tenant.")] = 8 * GIB
    inbox_source_bytes_max: Annotated[int, _why("As above, for one source.")] = 4 * GIB
    inbox_attempts_max: Annotated[int, _why("Runs that may take a push without committing it; then it is held back.")] = 5
    inbox_run_pages_max: Annotated[int, _why("Pushes that one run takes; later ones wait for the next run, so that runs end.")] = 1_000
    inbox_retention_s: Annotated[int, _why("How long a committed push is remembered, so that a repeated one gets its result.")] = 86_400
    inbox_notify_again_s: Annotated[int, _why("Age at which a push that no run took is notified once more.")] = 30
    upstream_timeout_s: Annotated[int, _why("One request to an upstream, redirects included, over what a profile asks.")] = 30
    upstream_attempts_max: Annotated[
        int, _why("Attempts of one request to an upstream, over what a profile asks; then the circuit decides.")
    ] = 4
    upstream_redirects_max: Annotated[int, _why("Redirects of one request, over what a profile asks; real APIs need one or two.")] = 3
    upstream_concurrency_max: Annotated[int, _why("Requests under way to one host by all sources of a process, and to one source.")] = 4

    # Records.
    record_bytes_max: Annotated[int, _why("One record; canonical form, contract and quarantine hold several copies of it.")] = 1 * MIB
    record_depth_max: Annotated[int, _why("Nesting of one record, the root being 1; recursion over it stays far from the stack's end.")] = (
        64
    )
    chunk_records_max: Annotated[int, _why("Records of one commit. A stream is cut there; a push or page with more is refused.")] = 200_000
    string_bytes_max: Annotated[int, _why("One string of a request that is no payload: names, justifications, filters.")] = 64 * KIB
    plans_cached_max: Annotated[int, _why("Compiled plans a process keeps; each is some 100 KiB.")] = 256
    chunks_waiting_max: Annotated[
        int, _why("Chunks that wait for the engine with their raw bytes in memory; beyond it we answer RESOURCE_EXHAUSTED.")
    ] = 16

    # Work queue and runs.
    queue_items_max: Annotated[int, _why("Work items open for a tenant; beyond it, new ones are refused.")] = 100_000
    queue_all_items_max: Annotated[int, _why("Work items open for all tenants; the queue holds each in memory, about 2 KiB.")] = 200_000
    queue_source_items_max: Annotated[int, _why("Work items open for one source, so that one source can't fill its tenant's share.")] = (
        20_000
    )
    queue_bytes_max: Annotated[int, _why("Payload bytes of all open work items; a work item refers to its data, so this is small.")] = (
        64 * MIB
    )
    queue_data_bytes_max: Annotated[int, _why("Bytes of data that all open work items stand for: a day's backlog on a small disk.")] = (
        64 * GIB
    )
    queue_tenant_data_bytes_max: Annotated[int, _why("As above, for one tenant.")] = 16 * GIB
    queue_source_data_bytes_max: Annotated[int, _why("As above, for one source.")] = 4 * GIB
    work_task_bytes_max: Annotated[int, _why("Task of one work item, serialized; it says what to do and carries no data.")] = 64 * KIB
    work_outcome_bytes_max: Annotated[int, _why("Outcome of one work item, serialized: references and counts.")] = 1 * MIB
    work_losses_max: Annotated[
        int, _why("Lost leases before a work item is a dead letter; more than restarts cost, fewer than poison.")
    ] = 16
    work_retention_s: Annotated[int, _why("Age at which ended work items are forgotten; their reader may be away this long.")] = 7 * 86_400
    drones_max: Annotated[int, _why("Drones that are known; each costs 64 points of the hash ring.")] = 1_000
    drone_forgotten_s: Annotated[int, _why("Silence after which a drone is forgotten; longer than a node takes to come back.")] = 3600
    runs_open_max: Annotated[int, _why("Runs of one tenant that have not ended; beyond it, starting one is refused for a while.")] = 1_000
    run_items_open_max: Annotated[int, _why("Pages of a run that wait or are worked on; a slow store so slows its source.")] = 128
    drone_leases_max: Annotated[int, _why("Leases a drone holds; a dead drone delays no more work than this.")] = 16
    lease_s: Annotated[int, _why("A lease's length without a heartbeat; the time until a dead drone's work moves on.")] = 30
    work_attempts_max: Annotated[int, _why("Tries of a work item before it is a dead letter.")] = 5
    retry_ms: Annotated[int, _why("Bound of the first wait of work that failed; it doubles with each failure in a row.")] = 500
    retry_ms_max: Annotated[int, _why("Last bound of that wait; five attempts are over in a minute, when nobody gains by more.")] = 30_000
    retry_upstream_ms: Annotated[int, _why("First bound after an upstream was away; hammering others' machines helps nobody.")] = 1_000
    retry_upstream_ms_max: Annotated[int, _why("Last bound of what upstreams caused: away, circuit open, quota spent.")] = 60_000
    retry_circuit_open_ms: Annotated[int, _why("First bound while a source's circuit is open; it stays so for half a minute.")] = 5_000
    retry_quota_ms: Annotated[int, _why("First bound after a quota was spent; quotas are counted by the minute.")] = 2_000
    retry_service_ms: Annotated[int, _why("First bound while one of our services is away; they restart within seconds.")] = 200
    retry_service_ms_max: Annotated[int, _why("Last bound of that; nothing is lost by asking soon.")] = 5_000
    retry_queue_full_ms: Annotated[int, _why("First bound after a full queue; it drains within seconds or not soon.")] = 500
    retry_queue_full_ms_max: Annotated[int, _why("Last bound of that.")] = 10_000
    retry_asked_ms_max: Annotated[
        int, _why("Longest pause that who refused may ask for; beyond it a run is better failed than asleep.")
    ] = 600_000
    run_s_max: Annotated[int, _why("A run's age at which it is failed; longer work belongs in a backfill of many runs.")] = 6 * 3600

    run_dead_letters_max: Annotated[
        int, _why("Dead letters with which a run goes on; with more of them it is the whole that is broken, and the run ends.")
    ] = 1_000
    dead_letters_a_call_max: Annotated[int, _why("Dead letters that one call retries or discards, in one transaction.")] = 1_000
    schedule_missed_max: Annotated[
        int, _why("Missed times of a schedule that each get their run (missed: all), and runs of one that wait; older ones get none.")
    ] = 100
    schedule_ahead_s_max: Annotated[
        int, _why("How far a schedule's last time may lie ahead of the clock; beyond it the clock was wrong, and the schedule begins anew.")
    ] = 3600
    events_remembered_max: Annotated[
        int,
        _why("Events whose ids are known, so that one told again does nothing; about 250 bytes each, and minutes of the busiest source."),
    ] = 200_000
    events_waiting_max: Annotated[int, _why("Events that wait for their transaction; beyond it we answer RESOURCE_EXHAUSTED.")] = 2_000
    event_depth_max: Annotated[
        int, _why("Runs that follow each other by events; a circle of workflows ends here, and no sensible chain is longer.")
    ] = 16

    # RPC.
    rpc_message_bytes_max: Annotated[int, _why("One gRPC message; a payload and its envelope fit.")] = 20 * MIB
    rpc_concurrent_max: Annotated[int, _why("Calls a process serves at once; more are refused with RESOURCE_EXHAUSTED.")] = 1_000
    rpc_deadline_s: Annotated[int, _why("Deadline of a unary call that brings none.")] = 30
    rpc_stream_deadline_s: Annotated[int, _why("Longest life of a stream; a watcher reconnects.")] = 3600
    request_bytes_max: Annotated[int, _why("Body of one REST request at the edge; a payload and its JSON escaping fit.")] = 20 * MIB
    body_checked_bytes_max: Annotated[
        int, _why("JSON body whose members are compared with the method's message; of a longer one unknown members pass unseen.")
    ] = 4 * MIB
    edge_heap_bytes_max: Annotated[
        int, _why("Memory of the edge; near it new requests get 503. Bodies are held there while they arrive.")
    ] = 1 * GIB
    request_headers_kib_max: Annotated[int, _why("Headers of one request at the edge, in KiB; tokens are below 4.")] = 60
    page_size_max: Annotated[int, _why("Items of one page of any List.")] = 1_000
    drain_s: Annotated[int, _why("Grace of a stopping process for calls under way.")] = 10
    blocking_threads: Annotated[int, _why("Threads for blocking calls; SQLite and Arrow leave the GIL, so more than cores pays.")] = 8
    blocking_waiting_max: Annotated[int, _why("Blocking calls waiting for a thread; beyond it we answer RESOURCE_EXHAUSTED at once.")] = (
        1_000
    )

    # Tables.
    commit_group_chunks_max: Annotated[
        int, _why("Chunks of a dataset that are committed together when they wait together; they share a commit's syncs.")
    ] = 32
    commit_group_bytes_max: Annotated[
        int, _why("Staged bytes of chunks that are committed together: they are in memory at once, and for large ones syncs cost little.")
    ] = 8 * MIB
    write_tickets_max: Annotated[int, _why("Write tickets open at once; each holds a staging folder of a chunk's size.")] = 256
    write_ticket_s: Annotated[int, _why("Life of a write ticket; far above the time that a plan takes for a chunk.")] = 900
    staged_file_bytes_max: Annotated[
        int, _why("One file under a ticket; a chunk of the largest payload is below it even uncompressed.")
    ] = 256 * MIB
    commit_partitions_max: Annotated[
        int,
        _why(
            "Partitions that one commit writes files for; a chunk over more of them is one sorted file, or a backfill would drown "
            "the table in tiny files."
        ),
    ] = 16
    dedupe_indexes_open_max: Annotated[
        int, _why("Dedupe indexes held open; each has a thread and its memory, and opens in milliseconds.")
    ] = 4
    dedupe_cache_bytes: Annotated[
        int,
        _why("Cache of one dedupe index; the filters of some million keys. A larger index reads theirs once a batch, from the page cache."),
    ] = 16 * MIB
    dedupe_memtable_bytes_max: Annotated[
        int, _why("Keys of one dedupe index in memory before they go into a file; less means many small files to look into.")
    ] = 16 * MIB
    table_small_files_max: Annotated[int, _why("Small files of a table that start a compaction; readers open each of them.")] = 64
    table_file_bytes_target: Annotated[int, _why("Size that compaction merges files towards, and from which it leaves a file alone.")] = (
        64 * MIB
    )
    reprocess_chunks_max: Annotated[
        int, _why("Chunks that one reprocess rebuilds; its plan is rows and its work is items of one source. More go by windows.")
    ] = 20_000
    reprocess_memory_bytes: Annotated[int, _why("Memory of one comparison of a rebuild with its dataset; DuckDB spills past it.")] = (
        512 * MIB
    )
    reprocess_samples_max: Annotated[int, _why("Records shown of each kind of change; people read no more.")] = 10
    reprocess_retention_s: Annotated[int, _why("Age at which what a reprocess has staged is swept, applied or not.")] = 24 * 3600
    reprocesses_kept_max: Annotated[int, _why("Reprocesses of a project that are kept; each may hold a dataset's size on disk.")] = 8
    quarantine_batch_max: Annotated[
        int, _why("Quarantined records that one call acts on; each may be a commit of its own, and the caller comes again for the rest.")
    ] = 100
    retention_rows_max: Annotated[
        int, _why("Rows that one pass of retention takes out, as one version; their keys are held in memory, 64 bytes each.")
    ] = 1_000_000
    retention_every_s: Annotated[int, _why("Time between two looks at what is over; retention is counted in days.")] = 3600
    snapshot_retention_s: Annotated[int, _why("How long files that no last version refers to stay for readers of older ones.")] = 24 * 3600

    # Queries, charts, reports.
    lookup_rows_max: Annotated[
        int, _why("Rows of a table that a profile looks up; each plan holds its own in memory, at some 200 bytes a row.")
    ] = 100_000
    lookup_bytes_max: Annotated[int, _why("Bytes of such a table's keys and values, and of its canonical JSON twice as many.")] = 4 * MIB
    query_rows_max: Annotated[int, _why("Rows of one query's answer; more is an export.")] = 100_000
    query_bytes_max: Annotated[int, _why("Bytes of one query's answer.")] = 16 * MIB
    query_s_max: Annotated[
        int, _why("Seconds of one query, after which its process is ended; below a call's deadline, so that the answer says why.")
    ] = 20
    query_memory_bytes_max: Annotated[int, _why("Memory of one query; DuckDB spills past it.")] = 512 * MIB
    query_workers_max: Annotated[int, _why("Queries that run at once; each may take its memory, and a core.")] = 2
    query_waiting_max: Annotated[int, _why("Queries that wait for a worker; beyond it we answer RESOURCE_EXHAUSTED at once.")] = 64
    query_text_bytes_max: Annotated[int, _why("The SQL text itself.")] = 64 * KIB
    series_points_max: Annotated[int, _why("Points of one series of a chart; a screen shows no more.")] = 10_000
    report_inputs_max: Annotated[
        int, Meta(ge=1, le=8, description="Datasets that one report joins; the contract reports.report_request allows 8.")
    ] = 8

    # Ledger.
    ledger_entry_bytes_max: Annotated[int, Meta(ge=1, le=65_535, description="One ledger entry; its length is a uint16.")] = 65_535
    ledger_batch_entries_max: Annotated[int, _why("Entries sequenced under one checkpoint signature.")] = 1_024
    ledger_appends_waiting_max: Annotated[
        int, _why("Appends that wait for the ledger's one writer; beyond it we answer RESOURCE_EXHAUSTED.")
    ] = 1_024

    # Identity.
    token_lifetime_s_max: Annotated[int, _why("Longest life of an API key; a forgotten one ends within a year.")] = 365 * 86_400
    token_lifetime_s_default: Annotated[int, _why("Life of an API key that asks for none.")] = 30 * 86_400
    internal_token_s: Annotated[int, Meta(ge=10, le=3600, description="Life of an internal token; a leaked one is soon worthless.")] = 300
    decision_cache_s: Annotated[int, _why("Age of a cached decision of ext_authz; also the longest a revoked key lives on elsewhere.")] = 5
    decision_cache_items_max: Annotated[int, _why("Cached decisions; each is below 2 KiB.")] = 10_000
    tokens_listed_max: Annotated[int, _why("API keys of one tenant.")] = 1_000
    principal_requests_per_minute: Annotated[
        int, _why("Requests a minute of one principal; a tight loop is stopped, a busy client isn't.")
    ] = 12_000
    tenant_requests_per_minute: Annotated[int, _why("Requests a minute of one tenant.")] = 60_000
    edge_requests_per_s: Annotated[
        int, _why("Requests a second of the whole edge; above what two cores serve, so it guards, not throttles.")
    ] = 5_000

    # Profiles.
    profile_bytes_max: Annotated[int, _why("One profile, workflow or contract as text; people write them, and reading YAML is slow.")] = (
        256 * KIB
    )
    profile_samples_max: Annotated[int, _why("Sample records of one profile test; each answers with a trace.")] = 100
