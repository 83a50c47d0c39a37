"""Every bound of the system, with its unit in the name and its reason in the description. The owner of a resource enforces its bounds.

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
    payload_bytes_max: Annotated[int, _why("Bytes of one push or file. A chunk's raw bytes are in memory while they are hashed.")] = (
        16 * MIB
    )
    page_bytes_max: Annotated[int, _why("Bytes of one page of an upstream. A longer response is refused before it is read to its end.")] = (
        16 * MIB
    )
    sync_pages_max: Annotated[int, _why("Pages of one sync. A source whose cursors form a circle ends here.")] = 10_000
    pushes_open_max: Annotated[
        int, _why("Pushes that the edge admits at once, including those that wait for their commit. Further ones get 429.")
    ] = 64
    pushes_storing_max: Annotated[int, _why("Pushes that are stored at once. More of them don't make a disk faster.")] = 4
    push_bytes_in_memory_max: Annotated[
        int, _why("Bytes of all pushes that are being stored or wait for it. Above it a push is refused.")
    ] = 128 * MIB
    push_wait_s: Annotated[int, _why("Longest time that a push waits for a slot or a slow store. Then it is refused.")] = 5
    pushes_waiting_max: Annotated[
        int, _why("Pushes that are being stored or wait for it. With four at a time, the last one waits for three others.")
    ] = 16
    push_answer_s: Annotated[
        int, _why("Longest time from a push's arrival to its acknowledgement. A push that isn't durable by then is refused.")
    ] = 10
    push_commit_wait_s: Annotated[
        int, _why("Longest time that a push with `wait=committed` waits for its commit. It is below the deadline of a call.")
    ] = 20
    push_stream_page_bytes: Annotated[
        int, _why("Size of the pushes that a stream is divided into. A commit of one takes about a second.")
    ] = 8 * MIB
    inbox_items_max: Annotated[int, _why("Pushes that are not committed yet. Above it a push is refused. Each is a row.")] = 50_000
    inbox_tenant_items_max: Annotated[int, _why("As above, for one tenant.")] = 20_000
    inbox_source_items_max: Annotated[int, _why("As above, for one source.")] = 10_000
    inbox_bytes_max: Annotated[int, _why("Bytes of pushes that are not committed yet. They are the work of some minutes.")] = 16 * GIB
    inbox_tenant_bytes_max: Annotated[int, _why("As above, for one tenant.")] = 8 * GIB
    inbox_source_bytes_max: Annotated[int, _why("As above, for one source.")] = 4 * GIB
    inbox_attempts_max: Annotated[int, _why("Runs that may take a push without committing it. Then the push is held.")] = 5
    inbox_run_pages_max: Annotated[int, _why("Pushes that one run takes. Later ones wait for the next run, so that runs end.")] = 1_000
    inbox_retention_s: Annotated[int, _why("How long a committed push is remembered. A repeated push gets its result in this time.")] = (
        86_400
    )
    inbox_notify_again_s: Annotated[
        int, _why("Time after which the orchestrator is notified once more about a push that no run has taken.")
    ] = 30
    upstream_timeout_s: Annotated[
        int, _why("Seconds of one request to an upstream, redirects included. A profile can ask for less, not for more.")
    ] = 30
    upstream_attempts_max: Annotated[int, _why("Attempts of one request to an upstream. A profile can ask for less, not for more.")] = 4
    upstream_redirects_max: Annotated[
        int, _why("Redirects of one request. A profile can ask for less, not for more. Real APIs need one or two.")
    ] = 3
    upstream_concurrency_max: Annotated[int, _why("Simultaneous requests of a process to one host, and to one source.")] = 4

    # Records.
    record_bytes_max: Annotated[
        int, _why("Bytes of one record. Canonical form, contract check and quarantine hold several copies of it.")
    ] = 1 * MIB
    record_depth_max: Annotated[
        int, _why("Nesting depth of one record; the root has depth 1. Recursion this deep uses a small part of the stack.")
    ] = 64
    chunk_records_max: Annotated[int, _why("Records of one commit. A stream is divided there; a push or page with more is refused.")] = (
        200_000
    )
    string_bytes_max: Annotated[int, _why("Bytes of one string of a request, if it is no payload: names, justifications, filters.")] = (
        64 * KIB
    )
    plans_cached_max: Annotated[int, _why("Compiled plans that a process keeps. Each takes some 100 KiB.")] = 256
    chunks_waiting_max: Annotated[
        int, _why("Chunks that wait for the engine with their raw bytes in memory. Above it a call gets RESOURCE_EXHAUSTED.")
    ] = 16

    # Work queue and runs.
    queue_items_max: Annotated[int, _why("Open work items of one tenant. Above it, new ones are refused.")] = 100_000
    queue_all_items_max: Annotated[int, _why("Open work items of all tenants. The queue holds each in memory, about 2 KiB.")] = 200_000
    queue_source_items_max: Annotated[int, _why("Open work items of one source, so that one source can't fill its tenant's share.")] = (
        20_000
    )
    queue_bytes_max: Annotated[int, _why("Bytes of the tasks of all open work items. A task refers to its data, so this is small.")] = (
        64 * MIB
    )
    queue_data_bytes_max: Annotated[int, _why("Bytes of data that all open work items refer to: a day's backlog on a small disk.")] = (
        64 * GIB
    )
    queue_tenant_data_bytes_max: Annotated[int, _why("As above, for one tenant.")] = 16 * GIB
    queue_source_data_bytes_max: Annotated[int, _why("As above, for one source.")] = 4 * GIB
    work_task_bytes_max: Annotated[int, _why("Bytes of one work item's task. A task refers to its data and doesn't contain it.")] = 64 * KIB
    work_outcome_bytes_max: Annotated[int, _why("Bytes of one work item's outcome: references and counts.")] = 1 * MIB
    work_losses_max: Annotated[
        int, _why("Lost leases after which a work item is a dead letter. Restarts cause fewer; a task that kills drones reaches it.")
    ] = 16
    work_retention_s: Annotated[int, _why("Time after which ended work items are deleted. Their reader may be away for this long.")] = (
        7 * 86_400
    )
    drones_max: Annotated[int, _why("Registered drones. Each has 64 points on the hash ring.")] = 1_000
    drone_forgotten_s: Annotated[
        int, _why("Time without a heartbeat after which a drone is forgotten. A restart of a node takes less.")
    ] = 3600
    runs_open_max: Annotated[int, _why("Runs of one tenant that have not ended. Above it, a start is refused with a time to retry.")] = (
        1_000
    )
    run_items_open_max: Annotated[
        int, _why("Pages of a run that wait or are being normalized. So a slow store slows the reading of its source.")
    ] = 128
    drone_leases_max: Annotated[int, _why("Work items that a drone leases at once. A dead drone delays no more than these.")] = 16
    lease_s: Annotated[int, _why("Length of a lease without a heartbeat. After it, another drone gets the work of a dead one.")] = 30
    work_attempts_max: Annotated[int, _why("Attempts of a work item before it is a dead letter.")] = 5
    retry_ms: Annotated[int, _why("Bound of the first wait before a retry. It doubles with each failure in a row.")] = 500
    retry_ms_max: Annotated[int, _why("Largest bound of that wait. Five attempts are then over within a minute.")] = 30_000
    retry_upstream_ms: Annotated[
        int, _why("First bound after an upstream was unavailable. It protects the upstream from frequent retries.")
    ] = 1_000
    retry_upstream_ms_max: Annotated[int, _why("Largest bound after failures of upstreams: unavailable, circuit open, quota exceeded.")] = (
        60_000
    )
    retry_circuit_open_ms: Annotated[int, _why("First bound while a source's circuit is open. A circuit stays open for half a minute.")] = (
        5_000
    )
    retry_quota_ms: Annotated[int, _why("First bound after a quota was exceeded. Quotas count requests per minute.")] = 2_000
    retry_service_ms: Annotated[int, _why("First bound while a service of the platform is unavailable. A restart takes seconds.")] = 200
    retry_service_ms_max: Annotated[int, _why("Largest bound of that. Frequent retries within the platform do no harm.")] = 5_000
    retry_queue_full_ms: Annotated[int, _why("First bound after a full queue. A queue has room within seconds, or not for long.")] = 500
    retry_queue_full_ms_max: Annotated[int, _why("Largest bound of that.")] = 10_000
    retry_asked_ms_max: Annotated[
        int, _why("Longest wait that a refusal's time to retry is followed for. A longer wait would stop the run for too long.")
    ] = 600_000
    run_s_max: Annotated[int, _why("Age at which a run is failed. Divide longer work into a backfill of many runs.")] = 6 * 3600

    run_dead_letters_max: Annotated[
        int, _why("Dead letters with which a run continues. With more of them the run ends, since most of its work fails.")
    ] = 1_000
    dead_letters_a_call_max: Annotated[int, _why("Dead letters that one call retries or discards, in one transaction.")] = 1_000
    schedule_missed_max: Annotated[
        int, _why("Missed times of a schedule that get a run each (`missed: all`), and queued runs of one schedule. Older times get none.")
    ] = 100
    schedule_ahead_s_max: Annotated[
        int, _why("How far a schedule's last time may be ahead of the clock. Beyond it the clock was wrong, and the schedule restarts.")
    ] = 3600
    events_remembered_max: Annotated[
        int,
        _why(
            "Events whose ids are stored, so that a repeated event has no effect. About 250 bytes each. Above it the oldest tenth is "
            "deleted. Each further process of the orchestrator may add a tenth."
        ),
    ] = 200_000
    events_waiting_max: Annotated[int, _why("Events that wait for their transaction. Above it a call gets RESOURCE_EXHAUSTED.")] = 2_000
    event_depth_max: Annotated[
        int, _why("Runs that start one another by events. A circle of workflows ends here; real chains are shorter.")
    ] = 16

    # RPC.
    rpc_message_bytes_max: Annotated[int, _why("Bytes of one gRPC message. A payload with its envelope fits.")] = 20 * MIB
    rpc_concurrent_max: Annotated[int, _why("Calls that a process serves at once. Further ones get RESOURCE_EXHAUSTED.")] = 1_000
    rpc_deadline_s: Annotated[int, _why("Longest duration of a unary call. A client's own deadline can shorten it, but not extend it.")] = (
        30
    )
    rpc_stream_deadline_s: Annotated[int, _why("Longest duration of a stream. A client that watches reconnects.")] = 3600
    request_bytes_max: Annotated[int, _why("Bytes of one REST request's body at the edge. A payload with its JSON escaping fits.")] = (
        20 * MIB
    )
    body_checked_bytes_max: Annotated[
        int, _why("Bytes of a JSON body whose members are checked against its message. In a longer body, unknown members are ignored.")
    ] = 4 * MIB
    edge_heap_bytes_max: Annotated[
        int, _why("Memory of the edge, which holds bodies while they arrive. Near it, new requests get 503.")
    ] = 1 * GIB
    request_headers_kib_max: Annotated[int, _why("Headers of one request at the edge, in KiB. Tokens have less than 4.")] = 60
    page_size_max: Annotated[int, _why("Items on one page of any List call.")] = 1_000
    drain_s: Annotated[int, _why("Time that a stopping process gives calls in progress to end.")] = 10
    blocking_threads: Annotated[
        int, _why("Threads for blocking calls. SQLite and Arrow release the GIL, so more threads than cores are useful.")
    ] = 8
    blocking_waiting_max: Annotated[
        int, _why("Blocking calls that wait for a thread. Above it a call gets RESOURCE_EXHAUSTED at once.")
    ] = 1_000

    # Tables.
    commit_group_chunks_max: Annotated[
        int, _why("Waiting chunks of a dataset that are committed as a group. They share the syncs of one commit.")
    ] = 32
    commit_group_bytes_max: Annotated[
        int, _why("Staged bytes of a group of chunks. They are in memory at once; larger chunks gain little from a group.")
    ] = 8 * MIB
    write_tickets_max: Annotated[int, _why("Open write tickets. Each has a staging folder of a chunk's size.")] = 256
    write_ticket_s: Annotated[int, _why("Lifetime of a write ticket. A plan takes much less for a chunk.")] = 900
    staged_file_bytes_max: Annotated[
        int, _why("Bytes of one staged file. A chunk of the largest payload is smaller, even uncompressed.")
    ] = 256 * MIB
    commit_partitions_max: Annotated[
        int,
        _why("Partitions that one commit writes files for. A chunk with more becomes one sorted file, to avoid many tiny files."),
    ] = 16
    dedupe_indexes_open_max: Annotated[
        int, _why("Dedupe indexes that are open at once. Each has a thread and memory, and opens in milliseconds.")
    ] = 4
    dedupe_cache_bytes: Annotated[
        int,
        _why("Cache of one dedupe index: the filters of some million keys. A larger index reads its filters from the page cache."),
    ] = 16 * MIB
    dedupe_memtable_bytes_max: Annotated[
        int, _why("Bytes of keys that one dedupe index collects in memory before it writes a file. Less means more small files to search.")
    ] = 16 * MIB
    table_small_files_max: Annotated[int, _why("Small files of a table that start a compaction. Readers open each of them.")] = 64
    table_file_bytes_target: Annotated[int, _why("File size that compaction aims at. Files of this size or larger are not compacted.")] = (
        64 * MIB
    )
    reprocess_chunks_max: Annotated[
        int, _why("Chunks of one reprocess. Its plan has a row and a work item per chunk. Divide larger ones by time windows.")
    ] = 20_000
    reprocess_memory_bytes: Annotated[int, _why("Memory for comparing a reprocess with its dataset. Above it, DuckDB uses the disk.")] = (
        512 * MIB
    )
    reprocess_samples_max: Annotated[int, _why("Example records that a comparison shows for each kind of change.")] = 10
    reprocess_retention_s: Annotated[
        int, _why("Time after which a retention pass deletes a reprocess and its staged files, applied or not.")
    ] = 24 * 3600
    reprocesses_kept_max: Annotated[int, _why("Reprocesses of a project that are kept. Each may take a dataset's size on disk.")] = 8
    quarantine_batch_max: Annotated[
        int, _why("Quarantined records that one call handles. Each may be a commit; the caller repeats the call for the rest.")
    ] = 100
    retention_rows_max: Annotated[
        int, _why("Rows that one retention pass removes, as one version. Their keys are in memory, 64 bytes each.")
    ] = 1_000_000
    retention_every_s: Annotated[
        int, _why("Time between two passes that delete expired records and reprocesses. Retention is counted in days.")
    ] = 3600
    snapshot_retention_s: Annotated[
        int, _why("How long files that the newest version doesn't use are kept for readers of older versions.")
    ] = 24 * 3600

    # Queries, charts, reports.
    lookup_rows_max: Annotated[int, _why("Rows of a lookup table. Each plan holds its own tables in memory, about 200 bytes per row.")] = (
        100_000
    )
    lookup_bytes_max: Annotated[int, _why("Bytes of a lookup table's keys and values. Its canonical JSON may have twice as many.")] = (
        4 * MIB
    )
    query_rows_max: Annotated[int, _why("Rows of one query's result. For more, use an export.")] = 100_000
    query_bytes_max: Annotated[int, _why("Bytes of one query's result.")] = 16 * MIB
    query_s_max: Annotated[
        int, _why("Seconds of one query; then its process is ended. It is below a call's deadline, so that the answer contains the reason.")
    ] = 20
    query_memory_bytes_max: Annotated[int, _why("Memory of one query. Above it, DuckDB uses the disk.")] = 512 * MIB
    query_workers_max: Annotated[int, _why("Queries that run at once. Each may use its memory and a core.")] = 2
    query_waiting_max: Annotated[int, _why("Queries that wait for a worker. Above it a call gets RESOURCE_EXHAUSTED at once.")] = 64
    query_text_bytes_max: Annotated[int, _why("Bytes of the SQL text.")] = 64 * KIB
    series_points_max: Annotated[int, _why("Points of one chart, over all its series. A screen can't show more.")] = 10_000
    report_inputs_max: Annotated[
        int, Meta(ge=1, le=8, description="Datasets that one report joins. The contract reports.report_request allows 8.")
    ] = 8

    # Ledger.
    ledger_entry_bytes_max: Annotated[int, Meta(ge=1, le=65_535, description="Bytes of one ledger entry. Its length is a uint16.")] = 65_535
    ledger_batch_entries_max: Annotated[int, _why("Entries that one signed checkpoint adds.")] = 1_024
    outbox_events_max: Annotated[
        int,
        _why(
            "Events of one service that wait for the ledger or were refused by it. "
            "At this number new commits, runs, queries and reports are refused "
            "until the ledger has accepted events. "
            "This is an hour of commits on one machine, delivered within a minute."
        ),
    ] = 50_000
    outbox_bytes_max: Annotated[
        int, _why("Bytes of the events that wait for the ledger or were refused by it. They are rows of the metadata database.")
    ] = 256 * MIB
    ledger_appends_waiting_max: Annotated[
        int, _why("Appends that wait for the ledger's one writer. Above it a call gets RESOURCE_EXHAUSTED.")
    ] = 1_024

    # Identity.
    token_lifetime_s_max: Annotated[int, _why("Longest lifetime of an API key. A forgotten key expires within a year.")] = 365 * 86_400
    token_lifetime_s_default: Annotated[int, _why("Lifetime of an API key that is created without one.")] = 30 * 86_400
    internal_token_s: Annotated[int, Meta(ge=10, le=3600, description="Lifetime of an internal token. A leaked token soon expires.")] = 300
    decision_cache_s: Annotated[int, _why("Lifetime of a cached authorization decision. A revoked key may be accepted for this long.")] = 5
    decision_cache_items_max: Annotated[int, _why("Cached authorization decisions. Each takes less than 2 KiB.")] = 10_000
    tokens_listed_max: Annotated[int, _why("API keys of one tenant.")] = 1_000
    principal_requests_per_minute: Annotated[
        int, _why("Requests per minute of one principal. A client that loops without a pause reaches it; a busy one doesn't.")
    ] = 12_000
    tenant_requests_per_minute: Annotated[int, _why("Requests per minute of one tenant.")] = 60_000
    edge_requests_per_s: Annotated[
        int, _why("Requests per second of the whole edge. Two cores serve fewer, so it only protects against floods.")
    ] = 5_000

    # Profiles.
    profile_bytes_max: Annotated[int, _why("Bytes of one profile, workflow or contract. People write them, and parsing YAML is slow.")] = (
        256 * KIB
    )
    profile_samples_max: Annotated[int, _why("Sample records of one profile test. Each result has a trace.")] = 100
