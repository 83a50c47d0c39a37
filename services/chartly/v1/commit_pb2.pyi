import datetime

from chartly.v1 import common_pb2 as _common_pb2
from chartly.v1 import permission_pb2 as _permission_pb2
from chartly.v1 import rules_pb2 as _rules_pb2
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
    __slots__ = ("ticket", "accepted_file", "rejected_file", "origin", "derivation")
    TICKET_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FILE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FILE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    DERIVATION_FIELD_NUMBER: _ClassVar[int]
    ticket: str
    accepted_file: str
    rejected_file: str
    origin: ChunkOrigin
    derivation: Derivation
    def __init__(self, ticket: _Optional[str] = ..., accepted_file: _Optional[str] = ..., rejected_file: _Optional[str] = ..., origin: _Optional[_Union[ChunkOrigin, _Mapping]] = ..., derivation: _Optional[_Union[Derivation, _Mapping]] = ...) -> None: ...

class Derivation(_message.Message):
    __slots__ = ("analytics", "inputs")
    ANALYTICS_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    analytics: _common_pb2.FrozenProfile
    inputs: _containers.RepeatedCompositeFieldContainer[DerivationInput]
    def __init__(self, analytics: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., inputs: _Optional[_Iterable[_Union[DerivationInput, _Mapping]]] = ...) -> None: ...

class DerivationInput(_message.Message):
    __slots__ = ("dataset", "version", "content_hash")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    version: int
    content_hash: str
    def __init__(self, dataset: _Optional[str] = ..., version: _Optional[int] = ..., content_hash: _Optional[str] = ...) -> None: ...

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
