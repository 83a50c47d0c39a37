import datetime

from chartly.v1 import common_pb2 as _common_pb2
from chartly.v1 import permission_pb2 as _permission_pb2
from chartly.v1 import reprocess_pb2 as _reprocess_pb2
from chartly.v1 import rules_pb2 as _rules_pb2
from chartly.v1 import verify_pb2 as _verify_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_KIND_UNSPECIFIED: _ClassVar[EventKind]
    EVENT_KIND_DATASET_UPDATED: _ClassVar[EventKind]
    EVENT_KIND_BLOB_LANDED: _ClassVar[EventKind]
    EVENT_KIND_WEBHOOK: _ClassVar[EventKind]

class RunState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUN_STATE_UNSPECIFIED: _ClassVar[RunState]
    RUN_STATE_QUEUED: _ClassVar[RunState]
    RUN_STATE_RUNNING: _ClassVar[RunState]
    RUN_STATE_SUCCEEDED: _ClassVar[RunState]
    RUN_STATE_FAILED: _ClassVar[RunState]
    RUN_STATE_QUARANTINED: _ClassVar[RunState]
    RUN_STATE_CANCELLED: _ClassVar[RunState]

class TriggerKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRIGGER_KIND_UNSPECIFIED: _ClassVar[TriggerKind]
    TRIGGER_KIND_REQUEST: _ClassVar[TriggerKind]
    TRIGGER_KIND_SCHEDULE: _ClassVar[TriggerKind]
    TRIGGER_KIND_EVENT: _ClassVar[TriggerKind]

class DeadLetterState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEAD_LETTER_STATE_UNSPECIFIED: _ClassVar[DeadLetterState]
    DEAD_LETTER_STATE_DEAD: _ClassVar[DeadLetterState]
    DEAD_LETTER_STATE_RETRIED: _ClassVar[DeadLetterState]
    DEAD_LETTER_STATE_DISCARDED: _ClassVar[DeadLetterState]
EVENT_KIND_UNSPECIFIED: EventKind
EVENT_KIND_DATASET_UPDATED: EventKind
EVENT_KIND_BLOB_LANDED: EventKind
EVENT_KIND_WEBHOOK: EventKind
RUN_STATE_UNSPECIFIED: RunState
RUN_STATE_QUEUED: RunState
RUN_STATE_RUNNING: RunState
RUN_STATE_SUCCEEDED: RunState
RUN_STATE_FAILED: RunState
RUN_STATE_QUARANTINED: RunState
RUN_STATE_CANCELLED: RunState
TRIGGER_KIND_UNSPECIFIED: TriggerKind
TRIGGER_KIND_REQUEST: TriggerKind
TRIGGER_KIND_SCHEDULE: TriggerKind
TRIGGER_KIND_EVENT: TriggerKind
DEAD_LETTER_STATE_UNSPECIFIED: DeadLetterState
DEAD_LETTER_STATE_DEAD: DeadLetterState
DEAD_LETTER_STATE_RETRIED: DeadLetterState
DEAD_LETTER_STATE_DISCARDED: DeadLetterState

class RunTrigger(_message.Message):
    __slots__ = ("kind", "at", "event_kind", "subject")
    KIND_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    EVENT_KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    kind: TriggerKind
    at: _timestamp_pb2.Timestamp
    event_kind: EventKind
    subject: str
    def __init__(self, kind: _Optional[_Union[TriggerKind, str]] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., event_kind: _Optional[_Union[EventKind, str]] = ..., subject: _Optional[str] = ...) -> None: ...

class WorkflowStep(_message.Message):
    __slots__ = ("name", "type", "profile_ref", "depends_on", "enabled")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PROFILE_REF_FIELD_NUMBER: _ClassVar[int]
    DEPENDS_ON_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    profile_ref: str
    depends_on: _containers.RepeatedScalarFieldContainer[str]
    enabled: bool
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., profile_ref: _Optional[str] = ..., depends_on: _Optional[_Iterable[str]] = ..., enabled: _Optional[bool] = ...) -> None: ...

class WorkflowSchedule(_message.Message):
    __slots__ = ("cron", "zone", "every_s", "jitter_s", "event_kind", "subject", "missed", "overlap", "paused", "next_fires", "after", "runs_waiting")
    CRON_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    EVERY_S_FIELD_NUMBER: _ClassVar[int]
    JITTER_S_FIELD_NUMBER: _ClassVar[int]
    EVENT_KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    MISSED_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIRES_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    RUNS_WAITING_FIELD_NUMBER: _ClassVar[int]
    cron: str
    zone: str
    every_s: int
    jitter_s: int
    event_kind: EventKind
    subject: str
    missed: str
    overlap: str
    paused: bool
    next_fires: _containers.RepeatedCompositeFieldContainer[_timestamp_pb2.Timestamp]
    after: _timestamp_pb2.Timestamp
    runs_waiting: int
    def __init__(self, cron: _Optional[str] = ..., zone: _Optional[str] = ..., every_s: _Optional[int] = ..., jitter_s: _Optional[int] = ..., event_kind: _Optional[_Union[EventKind, str]] = ..., subject: _Optional[str] = ..., missed: _Optional[str] = ..., overlap: _Optional[str] = ..., paused: _Optional[bool] = ..., next_fires: _Optional[_Iterable[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]]] = ..., after: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., runs_waiting: _Optional[int] = ...) -> None: ...

class Workflow(_message.Message):
    __slots__ = ("workflow_id", "name", "version", "steps", "created_at", "schedule")
    WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    workflow_id: str
    name: str
    version: str
    steps: _containers.RepeatedCompositeFieldContainer[WorkflowStep]
    created_at: _timestamp_pb2.Timestamp
    schedule: WorkflowSchedule
    def __init__(self, workflow_id: _Optional[str] = ..., name: _Optional[str] = ..., version: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[WorkflowStep, _Mapping]]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., schedule: _Optional[_Union[WorkflowSchedule, _Mapping]] = ...) -> None: ...

class RunStep(_message.Message):
    __slots__ = ("name", "type", "state", "profile", "work_done", "work_total", "counts", "reason", "message", "skipped", "dead_letters")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    WORK_DONE_FIELD_NUMBER: _ClassVar[int]
    WORK_TOTAL_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    state: RunState
    profile: _common_pb2.FrozenProfile
    work_done: int
    work_total: int
    counts: _common_pb2.RecordCounts
    reason: str
    message: str
    skipped: bool
    dead_letters: int
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., state: _Optional[_Union[RunState, str]] = ..., profile: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., work_done: _Optional[int] = ..., work_total: _Optional[int] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., skipped: _Optional[bool] = ..., dead_letters: _Optional[int] = ...) -> None: ...

class Run(_message.Message):
    __slots__ = ("run_id", "workflow_id", "workflow_name", "state", "steps", "counts", "quarantine_reasons", "reason", "message", "created_at", "started_at", "ended_at", "dataset", "revision", "trigger", "reprocess", "retry_of", "dead_letters")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    WORKFLOW_NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    QUARANTINE_REASONS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_FIELD_NUMBER: _ClassVar[int]
    RETRY_OF_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    workflow_id: str
    workflow_name: str
    state: RunState
    steps: _containers.RepeatedCompositeFieldContainer[RunStep]
    counts: _common_pb2.RecordCounts
    quarantine_reasons: _containers.RepeatedCompositeFieldContainer[_common_pb2.ReasonCount]
    reason: str
    message: str
    created_at: _timestamp_pb2.Timestamp
    started_at: _timestamp_pb2.Timestamp
    ended_at: _timestamp_pb2.Timestamp
    dataset: str
    revision: int
    trigger: RunTrigger
    reprocess: _reprocess_pb2.Reprocess
    retry_of: str
    dead_letters: _containers.RepeatedCompositeFieldContainer[DeadLetterCount]
    def __init__(self, run_id: _Optional[str] = ..., workflow_id: _Optional[str] = ..., workflow_name: _Optional[str] = ..., state: _Optional[_Union[RunState, str]] = ..., steps: _Optional[_Iterable[_Union[RunStep, _Mapping]]] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., quarantine_reasons: _Optional[_Iterable[_Union[_common_pb2.ReasonCount, _Mapping]]] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ended_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., dataset: _Optional[str] = ..., revision: _Optional[int] = ..., trigger: _Optional[_Union[RunTrigger, _Mapping]] = ..., reprocess: _Optional[_Union[_reprocess_pb2.Reprocess, _Mapping]] = ..., retry_of: _Optional[str] = ..., dead_letters: _Optional[_Iterable[_Union[DeadLetterCount, _Mapping]]] = ...) -> None: ...

class DeadLetterCount(_message.Message):
    __slots__ = ("reason", "dead_letters")
    REASON_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    dead_letters: int
    def __init__(self, reason: _Optional[str] = ..., dead_letters: _Optional[int] = ...) -> None: ...

class DeadLetter(_message.Message):
    __slots__ = ("dead_letter_id", "run_id", "step", "kind", "source_id", "reason", "message", "state", "failed_at", "raw", "resolved_by", "resolved_at", "note", "retried_as")
    DEAD_LETTER_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FAILED_AT_FIELD_NUMBER: _ClassVar[int]
    RAW_FIELD_NUMBER: _ClassVar[int]
    RESOLVED_BY_FIELD_NUMBER: _ClassVar[int]
    RESOLVED_AT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    RETRIED_AS_FIELD_NUMBER: _ClassVar[int]
    dead_letter_id: str
    run_id: str
    step: str
    kind: str
    source_id: str
    reason: str
    message: str
    state: DeadLetterState
    failed_at: _timestamp_pb2.Timestamp
    raw: _common_pb2.RawRef
    resolved_by: str
    resolved_at: _timestamp_pb2.Timestamp
    note: str
    retried_as: str
    def __init__(self, dead_letter_id: _Optional[str] = ..., run_id: _Optional[str] = ..., step: _Optional[str] = ..., kind: _Optional[str] = ..., source_id: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., state: _Optional[_Union[DeadLetterState, str]] = ..., failed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., raw: _Optional[_Union[_common_pb2.RawRef, _Mapping]] = ..., resolved_by: _Optional[str] = ..., resolved_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., note: _Optional[str] = ..., retried_as: _Optional[str] = ...) -> None: ...

class CreateWorkflowRequest(_message.Message):
    __slots__ = ("name", "spec", "document")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    spec: _struct_pb2.Struct
    document: str
    def __init__(self, name: _Optional[str] = ..., spec: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., document: _Optional[str] = ...) -> None: ...

class GetWorkflowRequest(_message.Message):
    __slots__ = ("workflow_id",)
    WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    workflow_id: str
    def __init__(self, workflow_id: _Optional[str] = ...) -> None: ...

class ListWorkflowsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListWorkflowsResponse(_message.Message):
    __slots__ = ("workflows", "next_page_token")
    WORKFLOWS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    workflows: _containers.RepeatedCompositeFieldContainer[Workflow]
    next_page_token: str
    def __init__(self, workflows: _Optional[_Iterable[_Union[Workflow, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteWorkflowRequest(_message.Message):
    __slots__ = ("workflow_id",)
    WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    workflow_id: str
    def __init__(self, workflow_id: _Optional[str] = ...) -> None: ...

class DeleteWorkflowResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PauseWorkflowRequest(_message.Message):
    __slots__ = ("workflow_id",)
    WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    workflow_id: str
    def __init__(self, workflow_id: _Optional[str] = ...) -> None: ...

class ResumeWorkflowRequest(_message.Message):
    __slots__ = ("workflow_id",)
    WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    workflow_id: str
    def __init__(self, workflow_id: _Optional[str] = ...) -> None: ...

class CallHookRequest(_message.Message):
    __slots__ = ("hook",)
    HOOK_FIELD_NUMBER: _ClassVar[int]
    hook: str
    def __init__(self, hook: _Optional[str] = ...) -> None: ...

class CallHookResponse(_message.Message):
    __slots__ = ("workflows",)
    WORKFLOWS_FIELD_NUMBER: _ClassVar[int]
    workflows: _containers.RepeatedCompositeFieldContainer[NotifiedWorkflow]
    def __init__(self, workflows: _Optional[_Iterable[_Union[NotifiedWorkflow, _Mapping]]] = ...) -> None: ...

class RunWorkflowRequest(_message.Message):
    __slots__ = ("workflow_id",)
    WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    workflow_id: str
    def __init__(self, workflow_id: _Optional[str] = ...) -> None: ...

class GetRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class ListRunsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "workflow_id")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    workflow_id: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., workflow_id: _Optional[str] = ...) -> None: ...

class ListRunsResponse(_message.Message):
    __slots__ = ("runs", "next_page_token")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[Run]
    next_page_token: str
    def __init__(self, runs: _Optional[_Iterable[_Union[Run, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CancelRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class WatchRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class WatchRunResponse(_message.Message):
    __slots__ = ("run", "last")
    RUN_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    run: Run
    last: bool
    def __init__(self, run: _Optional[_Union[Run, _Mapping]] = ..., last: _Optional[bool] = ...) -> None: ...

class NotifyEventRequest(_message.Message):
    __slots__ = ("event_id", "kind", "subject", "occurred_at")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    kind: EventKind
    subject: str
    occurred_at: _timestamp_pb2.Timestamp
    def __init__(self, event_id: _Optional[str] = ..., kind: _Optional[_Union[EventKind, str]] = ..., subject: _Optional[str] = ..., occurred_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class NotifiedWorkflow(_message.Message):
    __slots__ = ("workflow_id", "workflow_name", "run_id")
    WORKFLOW_ID_FIELD_NUMBER: _ClassVar[int]
    WORKFLOW_NAME_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    workflow_id: str
    workflow_name: str
    run_id: str
    def __init__(self, workflow_id: _Optional[str] = ..., workflow_name: _Optional[str] = ..., run_id: _Optional[str] = ...) -> None: ...

class NotifyEventResponse(_message.Message):
    __slots__ = ("workflows",)
    WORKFLOWS_FIELD_NUMBER: _ClassVar[int]
    workflows: _containers.RepeatedCompositeFieldContainer[NotifiedWorkflow]
    def __init__(self, workflows: _Optional[_Iterable[_Union[NotifiedWorkflow, _Mapping]]] = ...) -> None: ...

class ReprocessDatasetRequest(_message.Message):
    __slots__ = ("dataset", "normalizer_ref", "replaces", "since", "until", "quarantined", "dry_run", "reviewed_run_id")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    NORMALIZER_REF_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    REVIEWED_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    normalizer_ref: str
    replaces: str
    since: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    quarantined: bool
    dry_run: bool
    reviewed_run_id: str
    def __init__(self, dataset: _Optional[str] = ..., normalizer_ref: _Optional[str] = ..., replaces: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., quarantined: _Optional[bool] = ..., dry_run: _Optional[bool] = ..., reviewed_run_id: _Optional[str] = ...) -> None: ...

class VerifyRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class VerifyRunResponse(_message.Message):
    __slots__ = ("part", "done", "total", "last", "verdict", "equal", "unequal", "uncovered", "first_difference")
    PART_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    EQUAL_FIELD_NUMBER: _ClassVar[int]
    UNEQUAL_FIELD_NUMBER: _ClassVar[int]
    UNCOVERED_FIELD_NUMBER: _ClassVar[int]
    FIRST_DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    part: _verify_pb2.VerifiedPart
    done: int
    total: int
    last: bool
    verdict: str
    equal: int
    unequal: int
    uncovered: int
    first_difference: str
    def __init__(self, part: _Optional[_Union[_verify_pb2.VerifiedPart, _Mapping]] = ..., done: _Optional[int] = ..., total: _Optional[int] = ..., last: _Optional[bool] = ..., verdict: _Optional[str] = ..., equal: _Optional[int] = ..., unequal: _Optional[int] = ..., uncovered: _Optional[int] = ..., first_difference: _Optional[str] = ...) -> None: ...

class RetryRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class DeadLetterFilter(_message.Message):
    __slots__ = ("run_id", "source_id", "kind", "reason")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    source_id: str
    kind: str
    reason: str
    def __init__(self, run_id: _Optional[str] = ..., source_id: _Optional[str] = ..., kind: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ListDeadLettersRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "run_id", "source_id", "kind", "reason", "state")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    run_id: str
    source_id: str
    kind: str
    reason: str
    state: DeadLetterState
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., run_id: _Optional[str] = ..., source_id: _Optional[str] = ..., kind: _Optional[str] = ..., reason: _Optional[str] = ..., state: _Optional[_Union[DeadLetterState, str]] = ...) -> None: ...

class ListDeadLettersResponse(_message.Message):
    __slots__ = ("dead_letters", "next_page_token")
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dead_letters: _containers.RepeatedCompositeFieldContainer[DeadLetter]
    next_page_token: str
    def __init__(self, dead_letters: _Optional[_Iterable[_Union[DeadLetter, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetDeadLetterRequest(_message.Message):
    __slots__ = ("dead_letter_id",)
    DEAD_LETTER_ID_FIELD_NUMBER: _ClassVar[int]
    dead_letter_id: str
    def __init__(self, dead_letter_id: _Optional[str] = ...) -> None: ...

class RetryDeadLettersRequest(_message.Message):
    __slots__ = ("dead_letter_ids", "filter")
    DEAD_LETTER_IDS_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    dead_letter_ids: _containers.RepeatedScalarFieldContainer[str]
    filter: DeadLetterFilter
    def __init__(self, dead_letter_ids: _Optional[_Iterable[str]] = ..., filter: _Optional[_Union[DeadLetterFilter, _Mapping]] = ...) -> None: ...

class RetryDeadLettersResponse(_message.Message):
    __slots__ = ("runs", "retried", "more")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    RETRIED_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[Run]
    retried: int
    more: bool
    def __init__(self, runs: _Optional[_Iterable[_Union[Run, _Mapping]]] = ..., retried: _Optional[int] = ..., more: _Optional[bool] = ...) -> None: ...

class DiscardDeadLettersRequest(_message.Message):
    __slots__ = ("dead_letter_ids", "filter", "note")
    DEAD_LETTER_IDS_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    dead_letter_ids: _containers.RepeatedScalarFieldContainer[str]
    filter: DeadLetterFilter
    note: str
    def __init__(self, dead_letter_ids: _Optional[_Iterable[str]] = ..., filter: _Optional[_Union[DeadLetterFilter, _Mapping]] = ..., note: _Optional[str] = ...) -> None: ...

class DiscardDeadLettersResponse(_message.Message):
    __slots__ = ("discarded", "more")
    DISCARDED_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    discarded: int
    more: bool
    def __init__(self, discarded: _Optional[int] = ..., more: _Optional[bool] = ...) -> None: ...
