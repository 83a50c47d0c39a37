import datetime

from chartly.v1 import common_pb2 as _common_pb2
from chartly.v1 import permission_pb2 as _permission_pb2
from chartly.v1 import reprocess_pb2 as _reprocess_pb2
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

class WriteMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WRITE_MODE_UNSPECIFIED: _ClassVar[WriteMode]
    WRITE_MODE_APPEND: _ClassVar[WriteMode]
    WRITE_MODE_REPLACE: _ClassVar[WriteMode]
WRITE_MODE_UNSPECIFIED: WriteMode
WRITE_MODE_APPEND: WriteMode
WRITE_MODE_REPLACE: WriteMode

class Dataset(_message.Message):
    __slots__ = ("dataset", "version", "rows", "content_hash", "storage", "columns", "created_at", "updated_at", "derived", "counts", "quarantine")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    STORAGE_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    DERIVED_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    QUARANTINE_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    version: int
    rows: int
    content_hash: str
    storage: _common_pb2.FrozenProfile
    columns: _containers.RepeatedCompositeFieldContainer[DatasetColumn]
    created_at: _timestamp_pb2.Timestamp
    updated_at: _timestamp_pb2.Timestamp
    derived: bool
    counts: _common_pb2.RecordCounts
    quarantine: QuarantineCounts
    def __init__(self, dataset: _Optional[str] = ..., version: _Optional[int] = ..., rows: _Optional[int] = ..., content_hash: _Optional[str] = ..., storage: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., columns: _Optional[_Iterable[_Union[DatasetColumn, _Mapping]]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., derived: _Optional[bool] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., quarantine: _Optional[_Union[QuarantineCounts, _Mapping]] = ...) -> None: ...

class QuarantineCounts(_message.Message):
    __slots__ = ("open", "retried", "released", "discarded")
    OPEN_FIELD_NUMBER: _ClassVar[int]
    RETRIED_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    DISCARDED_FIELD_NUMBER: _ClassVar[int]
    open: int
    retried: int
    released: int
    discarded: int
    def __init__(self, open: _Optional[int] = ..., retried: _Optional[int] = ..., released: _Optional[int] = ..., discarded: _Optional[int] = ...) -> None: ...

class DatasetColumn(_message.Message):
    __slots__ = ("name", "type")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ...) -> None: ...

class PutBlobRequest(_message.Message):
    __slots__ = ("header", "data")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    header: BlobHeader
    data: bytes
    def __init__(self, header: _Optional[_Union[BlobHeader, _Mapping]] = ..., data: _Optional[bytes] = ...) -> None: ...

class BlobHeader(_message.Message):
    __slots__ = ("content_type", "source_id")
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    content_type: str
    source_id: str
    def __init__(self, content_type: _Optional[str] = ..., source_id: _Optional[str] = ...) -> None: ...

class PutBlobResponse(_message.Message):
    __slots__ = ("raw", "created")
    RAW_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    raw: _common_pb2.RawRef
    created: bool
    def __init__(self, raw: _Optional[_Union[_common_pb2.RawRef, _Mapping]] = ..., created: _Optional[bool] = ...) -> None: ...

class GetBlobRequest(_message.Message):
    __slots__ = ("sha256", "offset", "length")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    sha256: str
    offset: int
    length: int
    def __init__(self, sha256: _Optional[str] = ..., offset: _Optional[int] = ..., length: _Optional[int] = ...) -> None: ...

class GetBlobResponse(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...

class BeginWriteRequest(_message.Message):
    __slots__ = ("work_key", "dataset", "storage", "mode", "submission_id", "run_id", "raw_sha256")
    WORK_KEY_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    STORAGE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    SUBMISSION_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RAW_SHA256_FIELD_NUMBER: _ClassVar[int]
    work_key: str
    dataset: str
    storage: _common_pb2.FrozenProfile
    mode: WriteMode
    submission_id: str
    run_id: str
    raw_sha256: str
    def __init__(self, work_key: _Optional[str] = ..., dataset: _Optional[str] = ..., storage: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., mode: _Optional[_Union[WriteMode, str]] = ..., submission_id: _Optional[str] = ..., run_id: _Optional[str] = ..., raw_sha256: _Optional[str] = ...) -> None: ...

class BeginWriteResponse(_message.Message):
    __slots__ = ("ticket", "staging_uri", "receipt", "expires_at", "raw_file")
    TICKET_FIELD_NUMBER: _ClassVar[int]
    STAGING_URI_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    RAW_FILE_FIELD_NUMBER: _ClassVar[int]
    ticket: str
    staging_uri: str
    receipt: CommitReceipt
    expires_at: _timestamp_pb2.Timestamp
    raw_file: str
    def __init__(self, ticket: _Optional[str] = ..., staging_uri: _Optional[str] = ..., receipt: _Optional[_Union[CommitReceipt, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., raw_file: _Optional[str] = ...) -> None: ...

class CommitWriteRequest(_message.Message):
    __slots__ = ("ticket", "accepted_file", "rejected_file", "origin")
    TICKET_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FILE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FILE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    ticket: str
    accepted_file: str
    rejected_file: str
    origin: ChunkOrigin
    def __init__(self, ticket: _Optional[str] = ..., accepted_file: _Optional[str] = ..., rejected_file: _Optional[str] = ..., origin: _Optional[_Union[ChunkOrigin, _Mapping]] = ...) -> None: ...

class ChunkOrigin(_message.Message):
    __slots__ = ("run_id", "source_id", "raw", "normalizer", "records_in", "dedupe_policy")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    RAW_FIELD_NUMBER: _ClassVar[int]
    NORMALIZER_FIELD_NUMBER: _ClassVar[int]
    RECORDS_IN_FIELD_NUMBER: _ClassVar[int]
    DEDUPE_POLICY_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    source_id: str
    raw: _common_pb2.RawRef
    normalizer: _common_pb2.FrozenProfile
    records_in: int
    dedupe_policy: str
    def __init__(self, run_id: _Optional[str] = ..., source_id: _Optional[str] = ..., raw: _Optional[_Union[_common_pb2.RawRef, _Mapping]] = ..., normalizer: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., records_in: _Optional[int] = ..., dedupe_policy: _Optional[str] = ...) -> None: ...

class CommitReceipt(_message.Message):
    __slots__ = ("work_key", "dataset", "dataset_version", "counts", "quarantine_reasons", "content_hash", "committed_at", "run_id", "replayed", "chunk_counts", "chunk_digest", "accepted_digest", "rejected_digest", "rebuilt")
    WORK_KEY_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    QUARANTINE_REASONS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_AT_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    CHUNK_COUNTS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_DIGEST_FIELD_NUMBER: _ClassVar[int]
    REJECTED_DIGEST_FIELD_NUMBER: _ClassVar[int]
    REBUILT_FIELD_NUMBER: _ClassVar[int]
    work_key: str
    dataset: str
    dataset_version: int
    counts: _common_pb2.RecordCounts
    quarantine_reasons: _containers.RepeatedCompositeFieldContainer[_common_pb2.ReasonCount]
    content_hash: str
    committed_at: _timestamp_pb2.Timestamp
    run_id: str
    replayed: bool
    chunk_counts: _common_pb2.RecordCounts
    chunk_digest: str
    accepted_digest: str
    rejected_digest: str
    rebuilt: bool
    def __init__(self, work_key: _Optional[str] = ..., dataset: _Optional[str] = ..., dataset_version: _Optional[int] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., quarantine_reasons: _Optional[_Iterable[_Union[_common_pb2.ReasonCount, _Mapping]]] = ..., content_hash: _Optional[str] = ..., committed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., run_id: _Optional[str] = ..., replayed: _Optional[bool] = ..., chunk_counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., chunk_digest: _Optional[str] = ..., accepted_digest: _Optional[str] = ..., rejected_digest: _Optional[str] = ..., rebuilt: _Optional[bool] = ...) -> None: ...

class CommitWriteResponse(_message.Message):
    __slots__ = ("receipt",)
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    receipt: CommitReceipt
    def __init__(self, receipt: _Optional[_Union[CommitReceipt, _Mapping]] = ...) -> None: ...

class OpenSnapshotRequest(_message.Message):
    __slots__ = ("dataset", "version")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    version: int
    def __init__(self, dataset: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class OpenSnapshotResponse(_message.Message):
    __slots__ = ("dataset", "version", "file_uris", "columns", "content_hash", "table_uri")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FILE_URIS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    TABLE_URI_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    version: int
    file_uris: _containers.RepeatedScalarFieldContainer[str]
    columns: _containers.RepeatedCompositeFieldContainer[DatasetColumn]
    content_hash: str
    table_uri: str
    def __init__(self, dataset: _Optional[str] = ..., version: _Optional[int] = ..., file_uris: _Optional[_Iterable[str]] = ..., columns: _Optional[_Iterable[_Union[DatasetColumn, _Mapping]]] = ..., content_hash: _Optional[str] = ..., table_uri: _Optional[str] = ...) -> None: ...

class ListDatasetsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDatasetsResponse(_message.Message):
    __slots__ = ("datasets", "next_page_token")
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    datasets: _containers.RepeatedCompositeFieldContainer[Dataset]
    next_page_token: str
    def __init__(self, datasets: _Optional[_Iterable[_Union[Dataset, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetDatasetRequest(_message.Message):
    __slots__ = ("dataset",)
    DATASET_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    def __init__(self, dataset: _Optional[str] = ...) -> None: ...

class ListDatasetRecordsRequest(_message.Message):
    __slots__ = ("dataset", "page_size", "page_token", "version", "filter")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    page_size: int
    page_token: str
    version: int
    filter: str
    def __init__(self, dataset: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., version: _Optional[int] = ..., filter: _Optional[str] = ...) -> None: ...

class ListDatasetRecordsResponse(_message.Message):
    __slots__ = ("records", "next_page_token", "version")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    next_page_token: str
    version: int
    def __init__(self, records: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class QuarantinedRecord(_message.Message):
    __slots__ = ("quarantine_id", "dataset", "source_id", "run_id", "place", "violations", "profile_hash", "captured_at", "payload", "state", "sealed", "attempts", "retry_violations", "retry_profile_hash", "principal", "changed_at", "justification", "before_sha256", "after_sha256", "dataset_version")
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
    def __init__(self, quarantine_id: _Optional[str] = ..., dataset: _Optional[str] = ..., source_id: _Optional[str] = ..., run_id: _Optional[str] = ..., place: _Optional[_Union[_common_pb2.RawPlace, _Mapping]] = ..., violations: _Optional[_Iterable[_Union[_common_pb2.RecordViolation, _Mapping]]] = ..., profile_hash: _Optional[str] = ..., captured_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., payload: _Optional[str] = ..., state: _Optional[str] = ..., sealed: _Optional[bool] = ..., attempts: _Optional[int] = ..., retry_violations: _Optional[_Iterable[_Union[_common_pb2.RecordViolation, _Mapping]]] = ..., retry_profile_hash: _Optional[str] = ..., principal: _Optional[str] = ..., changed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., justification: _Optional[str] = ..., before_sha256: _Optional[str] = ..., after_sha256: _Optional[str] = ..., dataset_version: _Optional[int] = ...) -> None: ...

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

class GetQuarantinedRecordRequest(_message.Message):
    __slots__ = ("quarantine_id",)
    QUARANTINE_ID_FIELD_NUMBER: _ClassVar[int]
    quarantine_id: str
    def __init__(self, quarantine_id: _Optional[str] = ...) -> None: ...

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

class RetryQuarantinedResponse(_message.Message):
    __slots__ = ("outcomes", "next_page_token")
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[QuarantineOutcome]
    next_page_token: str
    def __init__(self, outcomes: _Optional[_Iterable[_Union[QuarantineOutcome, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

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

class CheckDatasetRequest(_message.Message):
    __slots__ = ("dataset",)
    DATASET_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    def __init__(self, dataset: _Optional[str] = ...) -> None: ...

class CheckDatasetResponse(_message.Message):
    __slots__ = ("version", "rows", "content_hash", "faults")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    version: int
    rows: int
    content_hash: str
    faults: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, version: _Optional[int] = ..., rows: _Optional[int] = ..., content_hash: _Optional[str] = ..., faults: _Optional[_Iterable[str]] = ...) -> None: ...

class RepairDatasetRequest(_message.Message):
    __slots__ = ("dataset",)
    DATASET_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    def __init__(self, dataset: _Optional[str] = ...) -> None: ...

class RepairDatasetResponse(_message.Message):
    __slots__ = ("version", "faults", "repairs", "rows_removed", "content_hash")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    REPAIRS_FIELD_NUMBER: _ClassVar[int]
    ROWS_REMOVED_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    version: int
    faults: _containers.RepeatedScalarFieldContainer[str]
    repairs: _containers.RepeatedScalarFieldContainer[str]
    rows_removed: int
    content_hash: str
    def __init__(self, version: _Optional[int] = ..., faults: _Optional[_Iterable[str]] = ..., repairs: _Optional[_Iterable[str]] = ..., rows_removed: _Optional[int] = ..., content_hash: _Optional[str] = ...) -> None: ...

class ApplyRetentionRequest(_message.Message):
    __slots__ = ("dataset", "dry_run")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    dry_run: bool
    def __init__(self, dataset: _Optional[str] = ..., dry_run: _Optional[bool] = ...) -> None: ...

class ApplyRetentionResponse(_message.Message):
    __slots__ = ("version", "kept_since", "by", "rows_removed", "files_removed", "files_rewritten", "content_hash", "more")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    KEPT_SINCE_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    ROWS_REMOVED_FIELD_NUMBER: _ClassVar[int]
    FILES_REMOVED_FIELD_NUMBER: _ClassVar[int]
    FILES_REWRITTEN_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    version: int
    kept_since: _timestamp_pb2.Timestamp
    by: str
    rows_removed: int
    files_removed: int
    files_rewritten: int
    content_hash: str
    more: bool
    def __init__(self, version: _Optional[int] = ..., kept_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., by: _Optional[str] = ..., rows_removed: _Optional[int] = ..., files_removed: _Optional[int] = ..., files_rewritten: _Optional[int] = ..., content_hash: _Optional[str] = ..., more: _Optional[bool] = ...) -> None: ...

class GetStorageUsageRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStorageUsageResponse(_message.Message):
    __slots__ = ("blobs", "blob_bytes", "datasets", "quarantined")
    BLOBS_FIELD_NUMBER: _ClassVar[int]
    BLOB_BYTES_FIELD_NUMBER: _ClassVar[int]
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    blobs: int
    blob_bytes: int
    datasets: int
    quarantined: int
    def __init__(self, blobs: _Optional[int] = ..., blob_bytes: _Optional[int] = ..., datasets: _Optional[int] = ..., quarantined: _Optional[int] = ...) -> None: ...

class ListDatasetVersionsRequest(_message.Message):
    __slots__ = ("dataset", "page_size", "page_token")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    page_size: int
    page_token: str
    def __init__(self, dataset: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDatasetVersionsResponse(_message.Message):
    __slots__ = ("versions", "next_page_token")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[DatasetCommit]
    next_page_token: str
    def __init__(self, versions: _Optional[_Iterable[_Union[DatasetCommit, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DatasetCommit(_message.Message):
    __slots__ = ("dataset", "version", "mode", "rows", "content_hash", "counts", "run_id", "work_key", "raw_sha256", "normalizer", "committed_at", "chunk_digest", "accepted_digest", "rejected_digest")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    WORK_KEY_FIELD_NUMBER: _ClassVar[int]
    RAW_SHA256_FIELD_NUMBER: _ClassVar[int]
    NORMALIZER_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_AT_FIELD_NUMBER: _ClassVar[int]
    CHUNK_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_DIGEST_FIELD_NUMBER: _ClassVar[int]
    REJECTED_DIGEST_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    version: int
    mode: str
    rows: int
    content_hash: str
    counts: _common_pb2.RecordCounts
    run_id: str
    work_key: str
    raw_sha256: str
    normalizer: _common_pb2.FrozenProfile
    committed_at: _timestamp_pb2.Timestamp
    chunk_digest: str
    accepted_digest: str
    rejected_digest: str
    def __init__(self, dataset: _Optional[str] = ..., version: _Optional[int] = ..., mode: _Optional[str] = ..., rows: _Optional[int] = ..., content_hash: _Optional[str] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., run_id: _Optional[str] = ..., work_key: _Optional[str] = ..., raw_sha256: _Optional[str] = ..., normalizer: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., committed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., chunk_digest: _Optional[str] = ..., accepted_digest: _Optional[str] = ..., rejected_digest: _Optional[str] = ...) -> None: ...

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

class GetReprocessRequest(_message.Message):
    __slots__ = ("dataset", "reprocess_id")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    reprocess_id: str
    def __init__(self, dataset: _Optional[str] = ..., reprocess_id: _Optional[str] = ...) -> None: ...

class PlanReprocessRequest(_message.Message):
    __slots__ = ("reprocess_id", "dataset", "scope")
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    reprocess_id: str
    dataset: str
    scope: _reprocess_pb2.ReprocessScope
    def __init__(self, reprocess_id: _Optional[str] = ..., dataset: _Optional[str] = ..., scope: _Optional[_Union[_reprocess_pb2.ReprocessScope, _Mapping]] = ...) -> None: ...

class PlanReprocessResponse(_message.Message):
    __slots__ = ("base_version", "chunks", "raw_bytes")
    BASE_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    RAW_BYTES_FIELD_NUMBER: _ClassVar[int]
    base_version: int
    chunks: int
    raw_bytes: int
    def __init__(self, base_version: _Optional[int] = ..., chunks: _Optional[int] = ..., raw_bytes: _Optional[int] = ...) -> None: ...

class BeginRestageRequest(_message.Message):
    __slots__ = ("reprocess_id", "place")
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    reprocess_id: str
    place: int
    def __init__(self, reprocess_id: _Optional[str] = ..., place: _Optional[int] = ...) -> None: ...

class BeginRestageResponse(_message.Message):
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

class CommitRestageRequest(_message.Message):
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

class CommitRestageResponse(_message.Message):
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
    reprocess: _reprocess_pb2.Reprocess
    def __init__(self, phase: _Optional[str] = ..., reprocess: _Optional[_Union[_reprocess_pb2.Reprocess, _Mapping]] = ...) -> None: ...

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
    reprocess: _reprocess_pb2.Reprocess
    def __init__(self, phase: _Optional[str] = ..., reprocess: _Optional[_Union[_reprocess_pb2.Reprocess, _Mapping]] = ...) -> None: ...

class ListRunCommitsRequest(_message.Message):
    __slots__ = ("run_id", "page_size", "page_token")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    page_size: int
    page_token: str
    def __init__(self, run_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRunCommitsResponse(_message.Message):
    __slots__ = ("commits", "next_page_token")
    COMMITS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    commits: _containers.RepeatedCompositeFieldContainer[DatasetCommit]
    next_page_token: str
    def __init__(self, commits: _Optional[_Iterable[_Union[DatasetCommit, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class BeginVerifyRequest(_message.Message):
    __slots__ = ("dataset", "dataset_version")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    dataset_version: int
    def __init__(self, dataset: _Optional[str] = ..., dataset_version: _Optional[int] = ...) -> None: ...

class BeginVerifyResponse(_message.Message):
    __slots__ = ("ticket", "staging_uri", "raw", "source_id", "normalizer", "work_key")
    TICKET_FIELD_NUMBER: _ClassVar[int]
    STAGING_URI_FIELD_NUMBER: _ClassVar[int]
    RAW_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    NORMALIZER_FIELD_NUMBER: _ClassVar[int]
    WORK_KEY_FIELD_NUMBER: _ClassVar[int]
    ticket: str
    staging_uri: str
    raw: _common_pb2.RawRef
    source_id: str
    normalizer: _common_pb2.FrozenProfile
    work_key: str
    def __init__(self, ticket: _Optional[str] = ..., staging_uri: _Optional[str] = ..., raw: _Optional[_Union[_common_pb2.RawRef, _Mapping]] = ..., source_id: _Optional[str] = ..., normalizer: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., work_key: _Optional[str] = ...) -> None: ...

class CompareCommitRequest(_message.Message):
    __slots__ = ("ticket", "accepted_file", "rejected_file", "records")
    TICKET_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FILE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FILE_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    ticket: str
    accepted_file: str
    rejected_file: str
    records: int
    def __init__(self, ticket: _Optional[str] = ..., accepted_file: _Optional[str] = ..., rejected_file: _Optional[str] = ..., records: _Optional[int] = ...) -> None: ...
