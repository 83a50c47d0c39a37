import datetime

from chartly.v1 import common_pb2 as _common_pb2
from chartly.v1 import permission_pb2 as _permission_pb2
from chartly.v1 import rules_pb2 as _rules_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PlanReprocessRequest(_message.Message):
    __slots__ = ("reprocess_id", "dataset", "scope")
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    reprocess_id: str
    dataset: str
    scope: ReprocessScope
    def __init__(self, reprocess_id: _Optional[str] = ..., dataset: _Optional[str] = ..., scope: _Optional[_Union[ReprocessScope, _Mapping]] = ...) -> None: ...

class ReprocessScope(_message.Message):
    __slots__ = ("normalizer", "replaces", "since", "until", "quarantined")
    NORMALIZER_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    normalizer: _common_pb2.FrozenProfile
    replaces: str
    since: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    quarantined: bool
    def __init__(self, normalizer: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., replaces: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., quarantined: _Optional[bool] = ...) -> None: ...

class PlanReprocessResponse(_message.Message):
    __slots__ = ("base_version", "chunks", "raw_bytes")
    BASE_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    RAW_BYTES_FIELD_NUMBER: _ClassVar[int]
    base_version: int
    chunks: int
    raw_bytes: int
    def __init__(self, base_version: _Optional[int] = ..., chunks: _Optional[int] = ..., raw_bytes: _Optional[int] = ...) -> None: ...

class BeginReprocessChunkRequest(_message.Message):
    __slots__ = ("reprocess_id", "place")
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    reprocess_id: str
    place: int
    def __init__(self, reprocess_id: _Optional[str] = ..., place: _Optional[int] = ...) -> None: ...

class BeginReprocessChunkResponse(_message.Message):
    __slots__ = ("ticket", "staging_uri", "raw", "source_id", "normalizer", "records")
    TICKET_FIELD_NUMBER: _ClassVar[int]
    STAGING_URI_FIELD_NUMBER: _ClassVar[int]
    RAW_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    NORMALIZER_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    ticket: str
    staging_uri: str
    raw: _common_pb2.RawRef
    source_id: str
    normalizer: _common_pb2.FrozenProfile
    records: int
    def __init__(self, ticket: _Optional[str] = ..., staging_uri: _Optional[str] = ..., raw: _Optional[_Union[_common_pb2.RawRef, _Mapping]] = ..., source_id: _Optional[str] = ..., normalizer: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., records: _Optional[int] = ...) -> None: ...

class CommitReprocessChunkRequest(_message.Message):
    __slots__ = ("ticket", "accepted_file", "rejected_file", "records", "dedupe_policy")
    TICKET_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FILE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FILE_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    DEDUPE_POLICY_FIELD_NUMBER: _ClassVar[int]
    ticket: str
    accepted_file: str
    rejected_file: str
    records: int
    dedupe_policy: str
    def __init__(self, ticket: _Optional[str] = ..., accepted_file: _Optional[str] = ..., rejected_file: _Optional[str] = ..., records: _Optional[int] = ..., dedupe_policy: _Optional[str] = ...) -> None: ...

class CommitReprocessChunkResponse(_message.Message):
    __slots__ = ("records",)
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    records: int
    def __init__(self, records: _Optional[int] = ...) -> None: ...

class DiffReprocessRequest(_message.Message):
    __slots__ = ("reprocess_id",)
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    reprocess_id: str
    def __init__(self, reprocess_id: _Optional[str] = ...) -> None: ...

class DiffReprocessResponse(_message.Message):
    __slots__ = ("phase", "reprocess")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_FIELD_NUMBER: _ClassVar[int]
    phase: str
    reprocess: Reprocess
    def __init__(self, phase: _Optional[str] = ..., reprocess: _Optional[_Union[Reprocess, _Mapping]] = ...) -> None: ...

class Reprocess(_message.Message):
    __slots__ = ("reprocess_id", "dataset", "scope", "state", "diff", "samples", "version", "rebased_to", "created_at")
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DIFF_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REBASED_TO_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    reprocess_id: str
    dataset: str
    scope: ReprocessScope
    state: str
    diff: ReprocessDiff
    samples: _containers.RepeatedCompositeFieldContainer[ReprocessSample]
    version: int
    rebased_to: int
    created_at: _timestamp_pb2.Timestamp
    def __init__(self, reprocess_id: _Optional[str] = ..., dataset: _Optional[str] = ..., scope: _Optional[_Union[ReprocessScope, _Mapping]] = ..., state: _Optional[str] = ..., diff: _Optional[_Union[ReprocessDiff, _Mapping]] = ..., samples: _Optional[_Iterable[_Union[ReprocessSample, _Mapping]]] = ..., version: _Optional[int] = ..., rebased_to: _Optional[int] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ReprocessDiff(_message.Message):
    __slots__ = ("base_version", "base_rows", "base_content_hash", "chunks", "unchanged", "changed", "appear", "vanish", "newly_quarantined", "no_longer_quarantined", "outside", "counts", "quarantine_reasons", "rows", "content_hash", "edited", "discarded")
    BASE_VERSION_FIELD_NUMBER: _ClassVar[int]
    BASE_ROWS_FIELD_NUMBER: _ClassVar[int]
    BASE_CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    APPEAR_FIELD_NUMBER: _ClassVar[int]
    VANISH_FIELD_NUMBER: _ClassVar[int]
    NEWLY_QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    NO_LONGER_QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    OUTSIDE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    QUARANTINE_REASONS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    EDITED_FIELD_NUMBER: _ClassVar[int]
    DISCARDED_FIELD_NUMBER: _ClassVar[int]
    base_version: int
    base_rows: int
    base_content_hash: str
    chunks: int
    unchanged: int
    changed: int
    appear: int
    vanish: int
    newly_quarantined: int
    no_longer_quarantined: int
    outside: int
    counts: _common_pb2.RecordCounts
    quarantine_reasons: _containers.RepeatedCompositeFieldContainer[_common_pb2.ReasonCount]
    rows: int
    content_hash: str
    edited: int
    discarded: int
    def __init__(self, base_version: _Optional[int] = ..., base_rows: _Optional[int] = ..., base_content_hash: _Optional[str] = ..., chunks: _Optional[int] = ..., unchanged: _Optional[int] = ..., changed: _Optional[int] = ..., appear: _Optional[int] = ..., vanish: _Optional[int] = ..., newly_quarantined: _Optional[int] = ..., no_longer_quarantined: _Optional[int] = ..., outside: _Optional[int] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., quarantine_reasons: _Optional[_Iterable[_Union[_common_pb2.ReasonCount, _Mapping]]] = ..., rows: _Optional[int] = ..., content_hash: _Optional[str] = ..., edited: _Optional[int] = ..., discarded: _Optional[int] = ...) -> None: ...

class ReprocessSample(_message.Message):
    __slots__ = ("change", "before", "after", "place", "violations")
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    change: str
    before: _struct_pb2.Struct
    after: _struct_pb2.Struct
    place: _common_pb2.RawPlace
    violations: _containers.RepeatedCompositeFieldContainer[_common_pb2.RecordViolation]
    def __init__(self, change: _Optional[str] = ..., before: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., after: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., place: _Optional[_Union[_common_pb2.RawPlace, _Mapping]] = ..., violations: _Optional[_Iterable[_Union[_common_pb2.RecordViolation, _Mapping]]] = ...) -> None: ...

class ApplyReprocessRequest(_message.Message):
    __slots__ = ("reprocess_id", "run_id")
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    reprocess_id: str
    run_id: str
    def __init__(self, reprocess_id: _Optional[str] = ..., run_id: _Optional[str] = ...) -> None: ...

class ApplyReprocessResponse(_message.Message):
    __slots__ = ("phase", "reprocess")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_FIELD_NUMBER: _ClassVar[int]
    phase: str
    reprocess: Reprocess
    def __init__(self, phase: _Optional[str] = ..., reprocess: _Optional[_Union[Reprocess, _Mapping]] = ...) -> None: ...

class GetReprocessRequest(_message.Message):
    __slots__ = ("dataset", "reprocess_id")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    reprocess_id: str
    def __init__(self, dataset: _Optional[str] = ..., reprocess_id: _Optional[str] = ...) -> None: ...

class RollbackDatasetRequest(_message.Message):
    __slots__ = ("dataset", "version", "dry_run")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    version: int
    dry_run: bool
    def __init__(self, dataset: _Optional[str] = ..., version: _Optional[int] = ..., dry_run: _Optional[bool] = ...) -> None: ...

class RollbackDatasetResponse(_message.Message):
    __slots__ = ("dataset", "restored_version", "version", "rows", "content_hash", "appear", "vanish", "changed", "base_version", "base_content_hash")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    RESTORED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    APPEAR_FIELD_NUMBER: _ClassVar[int]
    VANISH_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    BASE_VERSION_FIELD_NUMBER: _ClassVar[int]
    BASE_CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    restored_version: int
    version: int
    rows: int
    content_hash: str
    appear: int
    vanish: int
    changed: int
    base_version: int
    base_content_hash: str
    def __init__(self, dataset: _Optional[str] = ..., restored_version: _Optional[int] = ..., version: _Optional[int] = ..., rows: _Optional[int] = ..., content_hash: _Optional[str] = ..., appear: _Optional[int] = ..., vanish: _Optional[int] = ..., changed: _Optional[int] = ..., base_version: _Optional[int] = ..., base_content_hash: _Optional[str] = ...) -> None: ...
