from chartly.v1 import common_pb2 as _common_pb2
from chartly.v1 import permission_pb2 as _permission_pb2
from chartly.v1 import rules_pb2 as _rules_pb2
from chartly.v1 import verify_pb2 as _verify_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NormalizeRequest(_message.Message):
    __slots__ = ("run_id", "source_id", "raw", "normalizer", "storage", "item_key")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    RAW_FIELD_NUMBER: _ClassVar[int]
    NORMALIZER_FIELD_NUMBER: _ClassVar[int]
    STORAGE_FIELD_NUMBER: _ClassVar[int]
    ITEM_KEY_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    source_id: str
    raw: _common_pb2.RawRef
    normalizer: _common_pb2.FrozenProfile
    storage: _common_pb2.FrozenProfile
    item_key: str
    def __init__(self, run_id: _Optional[str] = ..., source_id: _Optional[str] = ..., raw: _Optional[_Union[_common_pb2.RawRef, _Mapping]] = ..., normalizer: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., storage: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., item_key: _Optional[str] = ...) -> None: ...

class NormalizeResponse(_message.Message):
    __slots__ = ("work_key", "counts", "quarantine_reasons", "dataset", "dataset_version", "replayed")
    WORK_KEY_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    QUARANTINE_REASONS_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    work_key: str
    counts: _common_pb2.RecordCounts
    quarantine_reasons: _containers.RepeatedCompositeFieldContainer[_common_pb2.ReasonCount]
    dataset: str
    dataset_version: int
    replayed: bool
    def __init__(self, work_key: _Optional[str] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., quarantine_reasons: _Optional[_Iterable[_Union[_common_pb2.ReasonCount, _Mapping]]] = ..., dataset: _Optional[str] = ..., dataset_version: _Optional[int] = ..., replayed: _Optional[bool] = ...) -> None: ...

class RunRecordsRequest(_message.Message):
    __slots__ = ("source_id", "normalizer", "records", "staging_uri", "raw_sha256")
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    NORMALIZER_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    STAGING_URI_FIELD_NUMBER: _ClassVar[int]
    RAW_SHA256_FIELD_NUMBER: _ClassVar[int]
    source_id: str
    normalizer: _common_pb2.FrozenProfile
    records: _containers.RepeatedCompositeFieldContainer[PlacedRecord]
    staging_uri: str
    raw_sha256: str
    def __init__(self, source_id: _Optional[str] = ..., normalizer: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., records: _Optional[_Iterable[_Union[PlacedRecord, _Mapping]]] = ..., staging_uri: _Optional[str] = ..., raw_sha256: _Optional[str] = ...) -> None: ...

class PlacedRecord(_message.Message):
    __slots__ = ("content", "line", "offset", "length")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    content: bytes
    line: int
    offset: int
    length: int
    def __init__(self, content: _Optional[bytes] = ..., line: _Optional[int] = ..., offset: _Optional[int] = ..., length: _Optional[int] = ...) -> None: ...

class RunRecordsResponse(_message.Message):
    __slots__ = ("accepted_file", "rejected_file", "accepted", "rejected", "dedupe_policy")
    ACCEPTED_FILE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FILE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    DEDUPE_POLICY_FIELD_NUMBER: _ClassVar[int]
    accepted_file: str
    rejected_file: str
    accepted: int
    rejected: int
    dedupe_policy: str
    def __init__(self, accepted_file: _Optional[str] = ..., rejected_file: _Optional[str] = ..., accepted: _Optional[int] = ..., rejected: _Optional[int] = ..., dedupe_policy: _Optional[str] = ...) -> None: ...

class ExplainRecordRequest(_message.Message):
    __slots__ = ("profile_ref", "record")
    PROFILE_REF_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    profile_ref: str
    record: str
    def __init__(self, profile_ref: _Optional[str] = ..., record: _Optional[str] = ...) -> None: ...

class ExplainRecordResponse(_message.Message):
    __slots__ = ("trace",)
    TRACE_FIELD_NUMBER: _ClassVar[int]
    trace: _struct_pb2.Struct
    def __init__(self, trace: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class ReprocessChunkRequest(_message.Message):
    __slots__ = ("reprocess_id", "place")
    REPROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    reprocess_id: str
    place: int
    def __init__(self, reprocess_id: _Optional[str] = ..., place: _Optional[int] = ...) -> None: ...

class ReprocessChunkResponse(_message.Message):
    __slots__ = ("records",)
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    records: int
    def __init__(self, records: _Optional[int] = ...) -> None: ...

class VerifyChunkRequest(_message.Message):
    __slots__ = ("dataset", "dataset_version")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    dataset_version: int
    def __init__(self, dataset: _Optional[str] = ..., dataset_version: _Optional[int] = ...) -> None: ...
