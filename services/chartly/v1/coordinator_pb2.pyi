import datetime

from chartly.v1 import common_pb2 as _common_pb2
from chartly.v1 import permission_pb2 as _permission_pb2
from chartly.v1 import reprocess_pb2 as _reprocess_pb2
from chartly.v1 import rules_pb2 as _rules_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WorkState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WORK_STATE_UNSPECIFIED: _ClassVar[WorkState]
    WORK_STATE_QUEUED: _ClassVar[WorkState]
    WORK_STATE_LEASED: _ClassVar[WorkState]
    WORK_STATE_COMPLETED: _ClassVar[WorkState]
    WORK_STATE_FAILED: _ClassVar[WorkState]
    WORK_STATE_CANCELLED: _ClassVar[WorkState]
WORK_STATE_UNSPECIFIED: WorkState
WORK_STATE_QUEUED: WorkState
WORK_STATE_LEASED: WorkState
WORK_STATE_COMPLETED: WorkState
WORK_STATE_FAILED: WorkState
WORK_STATE_CANCELLED: WorkState

class WorkTask(_message.Message):
    __slots__ = ("connector_sync", "normalize", "analytics_query", "reprocess_plan", "reprocess_normalize", "reprocess_diff", "reprocess_apply")
    CONNECTOR_SYNC_FIELD_NUMBER: _ClassVar[int]
    NORMALIZE_FIELD_NUMBER: _ClassVar[int]
    ANALYTICS_QUERY_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_PLAN_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_NORMALIZE_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_DIFF_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_APPLY_FIELD_NUMBER: _ClassVar[int]
    connector_sync: SyncTask
    normalize: NormalizeTask
    analytics_query: RollupTask
    reprocess_plan: ReprocessPlanTask
    reprocess_normalize: ReprocessNormalizeTask
    reprocess_diff: ReprocessCompareTask
    reprocess_apply: ReprocessApplyTask
    def __init__(self, connector_sync: _Optional[_Union[SyncTask, _Mapping]] = ..., normalize: _Optional[_Union[NormalizeTask, _Mapping]] = ..., analytics_query: _Optional[_Union[RollupTask, _Mapping]] = ..., reprocess_plan: _Optional[_Union[ReprocessPlanTask, _Mapping]] = ..., reprocess_normalize: _Optional[_Union[ReprocessNormalizeTask, _Mapping]] = ..., reprocess_diff: _Optional[_Union[ReprocessCompareTask, _Mapping]] = ..., reprocess_apply: _Optional[_Union[ReprocessApplyTask, _Mapping]] = ...) -> None: ...

class SyncTask(_message.Message):
    __slots__ = ("connector", "sequence", "continues_run_id")
    CONNECTOR_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CONTINUES_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    connector: _common_pb2.FrozenProfile
    sequence: int
    continues_run_id: str
    def __init__(self, connector: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., sequence: _Optional[int] = ..., continues_run_id: _Optional[str] = ...) -> None: ...

class PageRef(_message.Message):
    __slots__ = ("source_id", "sequence", "place")
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    source_id: str
    sequence: int
    place: int
    def __init__(self, source_id: _Optional[str] = ..., sequence: _Optional[int] = ..., place: _Optional[int] = ...) -> None: ...

class NormalizeTask(_message.Message):
    __slots__ = ("page", "raw", "normalizer", "storage")
    PAGE_FIELD_NUMBER: _ClassVar[int]
    RAW_FIELD_NUMBER: _ClassVar[int]
    NORMALIZER_FIELD_NUMBER: _ClassVar[int]
    STORAGE_FIELD_NUMBER: _ClassVar[int]
    page: PageRef
    raw: _common_pb2.RawRef
    normalizer: _common_pb2.FrozenProfile
    storage: _common_pb2.FrozenProfile
    def __init__(self, page: _Optional[_Union[PageRef, _Mapping]] = ..., raw: _Optional[_Union[_common_pb2.RawRef, _Mapping]] = ..., normalizer: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., storage: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ...) -> None: ...

class RollupTask(_message.Message):
    __slots__ = ("analytics",)
    ANALYTICS_FIELD_NUMBER: _ClassVar[int]
    analytics: _common_pb2.FrozenProfile
    def __init__(self, analytics: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ...) -> None: ...

class ReprocessPlanTask(_message.Message):
    __slots__ = ("reprocess_id", "dataset", "scope")
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    reprocess_id: str
    dataset: str
    scope: _reprocess_pb2.ReprocessScope
    def __init__(self, reprocess_id: _Optional[str] = ..., dataset: _Optional[str] = ..., scope: _Optional[_Union[_reprocess_pb2.ReprocessScope, _Mapping]] = ...) -> None: ...

class ReprocessNormalizeTask(_message.Message):
    __slots__ = ("reprocess_id", "place")
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    reprocess_id: str
    place: int
    def __init__(self, reprocess_id: _Optional[str] = ..., place: _Optional[int] = ...) -> None: ...

class ReprocessCompareTask(_message.Message):
    __slots__ = ("reprocess_id",)
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    reprocess_id: str
    def __init__(self, reprocess_id: _Optional[str] = ...) -> None: ...

class ReprocessApplyTask(_message.Message):
    __slots__ = ("reprocess_id",)
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    reprocess_id: str
    def __init__(self, reprocess_id: _Optional[str] = ...) -> None: ...

class WorkOutcome(_message.Message):
    __slots__ = ("connector_sync", "normalize", "analytics_query", "reprocess_plan", "reprocess_normalize", "reprocess_diff", "reprocess_apply")
    CONNECTOR_SYNC_FIELD_NUMBER: _ClassVar[int]
    NORMALIZE_FIELD_NUMBER: _ClassVar[int]
    ANALYTICS_QUERY_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_PLAN_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_NORMALIZE_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_DIFF_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_APPLY_FIELD_NUMBER: _ClassVar[int]
    connector_sync: SyncOutcome
    normalize: NormalizeOutcome
    analytics_query: RollupOutcome
    reprocess_plan: ReprocessPlanOutcome
    reprocess_normalize: ReprocessNormalizeOutcome
    reprocess_diff: ReprocessOutcome
    reprocess_apply: ReprocessOutcome
    def __init__(self, connector_sync: _Optional[_Union[SyncOutcome, _Mapping]] = ..., normalize: _Optional[_Union[NormalizeOutcome, _Mapping]] = ..., analytics_query: _Optional[_Union[RollupOutcome, _Mapping]] = ..., reprocess_plan: _Optional[_Union[ReprocessPlanOutcome, _Mapping]] = ..., reprocess_normalize: _Optional[_Union[ReprocessNormalizeOutcome, _Mapping]] = ..., reprocess_diff: _Optional[_Union[ReprocessOutcome, _Mapping]] = ..., reprocess_apply: _Optional[_Union[ReprocessOutcome, _Mapping]] = ...) -> None: ...

class SyncOutcome(_message.Message):
    __slots__ = ("pages", "finished", "requests", "retries")
    PAGES_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    pages: _containers.RepeatedCompositeFieldContainer[_common_pb2.RawRef]
    finished: bool
    requests: int
    retries: int
    def __init__(self, pages: _Optional[_Iterable[_Union[_common_pb2.RawRef, _Mapping]]] = ..., finished: _Optional[bool] = ..., requests: _Optional[int] = ..., retries: _Optional[int] = ...) -> None: ...

class NormalizeOutcome(_message.Message):
    __slots__ = ("counts", "quarantine_reasons")
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    QUARANTINE_REASONS_FIELD_NUMBER: _ClassVar[int]
    counts: _common_pb2.RecordCounts
    quarantine_reasons: _containers.RepeatedCompositeFieldContainer[_common_pb2.ReasonCount]
    def __init__(self, counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., quarantine_reasons: _Optional[_Iterable[_Union[_common_pb2.ReasonCount, _Mapping]]] = ...) -> None: ...

class RollupOutcome(_message.Message):
    __slots__ = ("dataset",)
    DATASET_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    def __init__(self, dataset: _Optional[str] = ...) -> None: ...

class ReprocessPlanOutcome(_message.Message):
    __slots__ = ("chunks",)
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    chunks: int
    def __init__(self, chunks: _Optional[int] = ...) -> None: ...

class ReprocessNormalizeOutcome(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ReprocessOutcome(_message.Message):
    __slots__ = ("reprocess",)
    REPROCESS_FIELD_NUMBER: _ClassVar[int]
    reprocess: _reprocess_pb2.Reprocess
    def __init__(self, reprocess: _Optional[_Union[_reprocess_pb2.Reprocess, _Mapping]] = ...) -> None: ...

class WorkItem(_message.Message):
    __slots__ = ("work_id", "work_key", "tenant_id", "project_id", "source_id", "run_id", "step", "size_bytes", "state", "attempts", "reason", "message", "finish_sequence", "task", "outcome")
    WORK_ID_FIELD_NUMBER: _ClassVar[int]
    WORK_KEY_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FINISH_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    work_id: str
    work_key: str
    tenant_id: str
    project_id: str
    source_id: str
    run_id: str
    step: str
    size_bytes: int
    state: WorkState
    attempts: int
    reason: str
    message: str
    finish_sequence: int
    task: WorkTask
    outcome: WorkOutcome
    def __init__(self, work_id: _Optional[str] = ..., work_key: _Optional[str] = ..., tenant_id: _Optional[str] = ..., project_id: _Optional[str] = ..., source_id: _Optional[str] = ..., run_id: _Optional[str] = ..., step: _Optional[str] = ..., size_bytes: _Optional[int] = ..., state: _Optional[_Union[WorkState, str]] = ..., attempts: _Optional[int] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., finish_sequence: _Optional[int] = ..., task: _Optional[_Union[WorkTask, _Mapping]] = ..., outcome: _Optional[_Union[WorkOutcome, _Mapping]] = ...) -> None: ...

class Lease(_message.Message):
    __slots__ = ("item", "lease_id", "expires_at", "token")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    item: WorkItem
    lease_id: str
    expires_at: _timestamp_pb2.Timestamp
    token: str
    def __init__(self, item: _Optional[_Union[WorkItem, _Mapping]] = ..., lease_id: _Optional[str] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., token: _Optional[str] = ...) -> None: ...

class Drone(_message.Message):
    __slots__ = ("drone_id", "name", "kinds", "status", "registered_at", "last_heartbeat_at", "leases", "completed", "failed")
    DRONE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REGISTERED_AT_FIELD_NUMBER: _ClassVar[int]
    LAST_HEARTBEAT_AT_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    drone_id: str
    name: str
    kinds: _containers.RepeatedScalarFieldContainer[str]
    status: str
    registered_at: _timestamp_pb2.Timestamp
    last_heartbeat_at: _timestamp_pb2.Timestamp
    leases: int
    completed: int
    failed: int
    def __init__(self, drone_id: _Optional[str] = ..., name: _Optional[str] = ..., kinds: _Optional[_Iterable[str]] = ..., status: _Optional[str] = ..., registered_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_heartbeat_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., leases: _Optional[int] = ..., completed: _Optional[int] = ..., failed: _Optional[int] = ...) -> None: ...

class EnqueueWorkRequest(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[WorkItem]
    def __init__(self, items: _Optional[_Iterable[_Union[WorkItem, _Mapping]]] = ...) -> None: ...

class EnqueueWorkResponse(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[WorkItem]
    def __init__(self, items: _Optional[_Iterable[_Union[WorkItem, _Mapping]]] = ...) -> None: ...

class ListFinishedWorkRequest(_message.Message):
    __slots__ = ("after_sequence", "page_size", "wait_ms")
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    after_sequence: int
    page_size: int
    wait_ms: int
    def __init__(self, after_sequence: _Optional[int] = ..., page_size: _Optional[int] = ..., wait_ms: _Optional[int] = ...) -> None: ...

class ListFinishedWorkResponse(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[WorkItem]
    def __init__(self, items: _Optional[_Iterable[_Union[WorkItem, _Mapping]]] = ...) -> None: ...

class CancelWorkRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class CancelWorkResponse(_message.Message):
    __slots__ = ("dropped", "revoked")
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    REVOKED_FIELD_NUMBER: _ClassVar[int]
    dropped: int
    revoked: int
    def __init__(self, dropped: _Optional[int] = ..., revoked: _Optional[int] = ...) -> None: ...

class ForgetFailedWorkRequest(_message.Message):
    __slots__ = ("work_keys",)
    WORK_KEYS_FIELD_NUMBER: _ClassVar[int]
    work_keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, work_keys: _Optional[_Iterable[str]] = ...) -> None: ...

class ForgetFailedWorkResponse(_message.Message):
    __slots__ = ("forgotten",)
    FORGOTTEN_FIELD_NUMBER: _ClassVar[int]
    forgotten: int
    def __init__(self, forgotten: _Optional[int] = ...) -> None: ...

class RegisterDroneRequest(_message.Message):
    __slots__ = ("name", "kinds")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    kinds: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., kinds: _Optional[_Iterable[str]] = ...) -> None: ...

class RegisterDroneResponse(_message.Message):
    __slots__ = ("drone", "heartbeat_interval_ms")
    DRONE_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_INTERVAL_MS_FIELD_NUMBER: _ClassVar[int]
    drone: Drone
    heartbeat_interval_ms: int
    def __init__(self, drone: _Optional[_Union[Drone, _Mapping]] = ..., heartbeat_interval_ms: _Optional[int] = ...) -> None: ...

class HeartbeatDroneRequest(_message.Message):
    __slots__ = ("drone_id", "lease_ids", "draining")
    DRONE_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_IDS_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    drone_id: str
    lease_ids: _containers.RepeatedScalarFieldContainer[str]
    draining: bool
    def __init__(self, drone_id: _Optional[str] = ..., lease_ids: _Optional[_Iterable[str]] = ..., draining: _Optional[bool] = ...) -> None: ...

class HeartbeatDroneResponse(_message.Message):
    __slots__ = ("lost_lease_ids", "tokens")
    class TokensEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LOST_LEASE_IDS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    lost_lease_ids: _containers.RepeatedScalarFieldContainer[str]
    tokens: _containers.ScalarMap[str, str]
    def __init__(self, lost_lease_ids: _Optional[_Iterable[str]] = ..., tokens: _Optional[_Mapping[str, str]] = ...) -> None: ...

class LeaseWorkRequest(_message.Message):
    __slots__ = ("drone_id", "max_items", "wait_ms")
    DRONE_ID_FIELD_NUMBER: _ClassVar[int]
    MAX_ITEMS_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    drone_id: str
    max_items: int
    wait_ms: int
    def __init__(self, drone_id: _Optional[str] = ..., max_items: _Optional[int] = ..., wait_ms: _Optional[int] = ...) -> None: ...

class LeaseWorkResponse(_message.Message):
    __slots__ = ("leases",)
    LEASES_FIELD_NUMBER: _ClassVar[int]
    leases: _containers.RepeatedCompositeFieldContainer[Lease]
    def __init__(self, leases: _Optional[_Iterable[_Union[Lease, _Mapping]]] = ...) -> None: ...

class CompleteWorkRequest(_message.Message):
    __slots__ = ("drone_id", "work_id", "lease_id", "outcome")
    DRONE_ID_FIELD_NUMBER: _ClassVar[int]
    WORK_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    drone_id: str
    work_id: str
    lease_id: str
    outcome: WorkOutcome
    def __init__(self, drone_id: _Optional[str] = ..., work_id: _Optional[str] = ..., lease_id: _Optional[str] = ..., outcome: _Optional[_Union[WorkOutcome, _Mapping]] = ...) -> None: ...

class CompleteWorkResponse(_message.Message):
    __slots__ = ("item",)
    ITEM_FIELD_NUMBER: _ClassVar[int]
    item: WorkItem
    def __init__(self, item: _Optional[_Union[WorkItem, _Mapping]] = ...) -> None: ...

class FailWorkRequest(_message.Message):
    __slots__ = ("drone_id", "work_id", "lease_id", "reason", "message", "final", "retry_after_ms")
    DRONE_ID_FIELD_NUMBER: _ClassVar[int]
    WORK_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    drone_id: str
    work_id: str
    lease_id: str
    reason: str
    message: str
    final: bool
    retry_after_ms: int
    def __init__(self, drone_id: _Optional[str] = ..., work_id: _Optional[str] = ..., lease_id: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., final: _Optional[bool] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class FailWorkResponse(_message.Message):
    __slots__ = ("item",)
    ITEM_FIELD_NUMBER: _ClassVar[int]
    item: WorkItem
    def __init__(self, item: _Optional[_Union[WorkItem, _Mapping]] = ...) -> None: ...

class ListDronesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDronesResponse(_message.Message):
    __slots__ = ("drones", "next_page_token")
    DRONES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    drones: _containers.RepeatedCompositeFieldContainer[Drone]
    next_page_token: str
    def __init__(self, drones: _Optional[_Iterable[_Union[Drone, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetQueueStatsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class QueueDepth(_message.Message):
    __slots__ = ("source_id", "items", "bytes")
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    source_id: str
    items: int
    bytes: int
    def __init__(self, source_id: _Optional[str] = ..., items: _Optional[int] = ..., bytes: _Optional[int] = ...) -> None: ...

class GetQueueStatsResponse(_message.Message):
    __slots__ = ("queued_items", "queued_bytes", "queued_items_max", "queued_bytes_max", "leased_items", "dead_letters", "oldest_age_ms", "drones_active", "sources")
    QUEUED_ITEMS_FIELD_NUMBER: _ClassVar[int]
    QUEUED_BYTES_FIELD_NUMBER: _ClassVar[int]
    QUEUED_ITEMS_MAX_FIELD_NUMBER: _ClassVar[int]
    QUEUED_BYTES_MAX_FIELD_NUMBER: _ClassVar[int]
    LEASED_ITEMS_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    OLDEST_AGE_MS_FIELD_NUMBER: _ClassVar[int]
    DRONES_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    queued_items: int
    queued_bytes: int
    queued_items_max: int
    queued_bytes_max: int
    leased_items: int
    dead_letters: int
    oldest_age_ms: int
    drones_active: int
    sources: _containers.RepeatedCompositeFieldContainer[QueueDepth]
    def __init__(self, queued_items: _Optional[int] = ..., queued_bytes: _Optional[int] = ..., queued_items_max: _Optional[int] = ..., queued_bytes_max: _Optional[int] = ..., leased_items: _Optional[int] = ..., dead_letters: _Optional[int] = ..., oldest_age_ms: _Optional[int] = ..., drones_active: _Optional[int] = ..., sources: _Optional[_Iterable[_Union[QueueDepth, _Mapping]]] = ...) -> None: ...
