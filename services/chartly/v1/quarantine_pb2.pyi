import datetime

from chartly.v1 import common_pb2 as _common_pb2
from chartly.v1 import permission_pb2 as _permission_pb2
from chartly.v1 import rules_pb2 as _rules_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListQuarantinedRecordsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "reason", "source_id", "run_id", "dataset", "state", "since", "until")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    reason: str
    source_id: str
    run_id: str
    dataset: str
    state: str
    since: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., reason: _Optional[str] = ..., source_id: _Optional[str] = ..., run_id: _Optional[str] = ..., dataset: _Optional[str] = ..., state: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListQuarantinedRecordsResponse(_message.Message):
    __slots__ = ("records", "next_page_token")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[QuarantinedRecord]
    next_page_token: str
    def __init__(self, records: _Optional[_Iterable[_Union[QuarantinedRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class QuarantinedRecord(_message.Message):
    __slots__ = ("quarantine_id", "dataset", "source_id", "run_id", "place", "violations", "profile_hash", "captured_at", "payload", "state", "sealed", "attempts", "retry_violations", "retry_profile_hash", "principal", "changed_at", "justification", "before_sha256", "after_sha256", "dataset_version", "payload_sha256")
    QUARANTINE_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    PROFILE_HASH_FIELD_NUMBER: _ClassVar[int]
    CAPTURED_AT_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    RETRY_VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    RETRY_PROFILE_HASH_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AT_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    BEFORE_SHA256_FIELD_NUMBER: _ClassVar[int]
    AFTER_SHA256_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_SHA256_FIELD_NUMBER: _ClassVar[int]
    quarantine_id: str
    dataset: str
    source_id: str
    run_id: str
    place: _common_pb2.RawPlace
    violations: _containers.RepeatedCompositeFieldContainer[_common_pb2.RecordViolation]
    profile_hash: str
    captured_at: _timestamp_pb2.Timestamp
    payload: str
    state: str
    sealed: bool
    attempts: int
    retry_violations: _containers.RepeatedCompositeFieldContainer[_common_pb2.RecordViolation]
    retry_profile_hash: str
    principal: str
    changed_at: _timestamp_pb2.Timestamp
    justification: str
    before_sha256: str
    after_sha256: str
    dataset_version: int
    payload_sha256: str
    def __init__(self, quarantine_id: _Optional[str] = ..., dataset: _Optional[str] = ..., source_id: _Optional[str] = ..., run_id: _Optional[str] = ..., place: _Optional[_Union[_common_pb2.RawPlace, _Mapping]] = ..., violations: _Optional[_Iterable[_Union[_common_pb2.RecordViolation, _Mapping]]] = ..., profile_hash: _Optional[str] = ..., captured_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., payload: _Optional[str] = ..., state: _Optional[str] = ..., sealed: _Optional[bool] = ..., attempts: _Optional[int] = ..., retry_violations: _Optional[_Iterable[_Union[_common_pb2.RecordViolation, _Mapping]]] = ..., retry_profile_hash: _Optional[str] = ..., principal: _Optional[str] = ..., changed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., justification: _Optional[str] = ..., before_sha256: _Optional[str] = ..., after_sha256: _Optional[str] = ..., dataset_version: _Optional[int] = ..., payload_sha256: _Optional[str] = ...) -> None: ...

class GetQuarantinedRecordRequest(_message.Message):
    __slots__ = ("quarantine_id",)
    QUARANTINE_ID_FIELD_NUMBER: _ClassVar[int]
    quarantine_id: str
    def __init__(self, quarantine_id: _Optional[str] = ...) -> None: ...

class RetryQuarantinedRequest(_message.Message):
    __slots__ = ("quarantine_ids", "filter", "normalizer_ref", "page_token")
    QUARANTINE_IDS_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    NORMALIZER_REF_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    quarantine_ids: _containers.RepeatedScalarFieldContainer[str]
    filter: QuarantineFilter
    normalizer_ref: str
    page_token: str
    def __init__(self, quarantine_ids: _Optional[_Iterable[str]] = ..., filter: _Optional[_Union[QuarantineFilter, _Mapping]] = ..., normalizer_ref: _Optional[str] = ..., page_token: _Optional[str] = ...) -> None: ...

class QuarantineFilter(_message.Message):
    __slots__ = ("reason", "source_id", "run_id", "dataset", "since", "until")
    REASON_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    reason: str
    source_id: str
    run_id: str
    dataset: str
    since: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    def __init__(self, reason: _Optional[str] = ..., source_id: _Optional[str] = ..., run_id: _Optional[str] = ..., dataset: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RetryQuarantinedResponse(_message.Message):
    __slots__ = ("outcomes", "next_page_token")
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[QuarantineOutcome]
    next_page_token: str
    def __init__(self, outcomes: _Optional[_Iterable[_Union[QuarantineOutcome, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class QuarantineOutcome(_message.Message):
    __slots__ = ("quarantine_id", "state", "attempts", "violations", "dataset_version")
    QUARANTINE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    quarantine_id: str
    state: str
    attempts: int
    violations: _containers.RepeatedCompositeFieldContainer[_common_pb2.RecordViolation]
    dataset_version: int
    def __init__(self, quarantine_id: _Optional[str] = ..., state: _Optional[str] = ..., attempts: _Optional[int] = ..., violations: _Optional[_Iterable[_Union[_common_pb2.RecordViolation, _Mapping]]] = ..., dataset_version: _Optional[int] = ...) -> None: ...

class ReleaseQuarantinedRequest(_message.Message):
    __slots__ = ("quarantine_id", "justification", "record", "json_patch", "merge_patch", "normalizer_ref")
    QUARANTINE_ID_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    JSON_PATCH_FIELD_NUMBER: _ClassVar[int]
    MERGE_PATCH_FIELD_NUMBER: _ClassVar[int]
    NORMALIZER_REF_FIELD_NUMBER: _ClassVar[int]
    quarantine_id: str
    justification: str
    record: str
    json_patch: str
    merge_patch: str
    normalizer_ref: str
    def __init__(self, quarantine_id: _Optional[str] = ..., justification: _Optional[str] = ..., record: _Optional[str] = ..., json_patch: _Optional[str] = ..., merge_patch: _Optional[str] = ..., normalizer_ref: _Optional[str] = ...) -> None: ...

class ReleaseQuarantinedResponse(_message.Message):
    __slots__ = ("outcome", "before_sha256", "after_sha256")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    BEFORE_SHA256_FIELD_NUMBER: _ClassVar[int]
    AFTER_SHA256_FIELD_NUMBER: _ClassVar[int]
    outcome: QuarantineOutcome
    before_sha256: str
    after_sha256: str
    def __init__(self, outcome: _Optional[_Union[QuarantineOutcome, _Mapping]] = ..., before_sha256: _Optional[str] = ..., after_sha256: _Optional[str] = ...) -> None: ...

class DiscardQuarantinedRequest(_message.Message):
    __slots__ = ("quarantine_ids", "filter", "justification", "page_token")
    QUARANTINE_IDS_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    quarantine_ids: _containers.RepeatedScalarFieldContainer[str]
    filter: QuarantineFilter
    justification: str
    page_token: str
    def __init__(self, quarantine_ids: _Optional[_Iterable[str]] = ..., filter: _Optional[_Union[QuarantineFilter, _Mapping]] = ..., justification: _Optional[str] = ..., page_token: _Optional[str] = ...) -> None: ...

class DiscardQuarantinedResponse(_message.Message):
    __slots__ = ("outcomes", "next_page_token")
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[QuarantineOutcome]
    next_page_token: str
    def __init__(self, outcomes: _Optional[_Iterable[_Union[QuarantineOutcome, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
