import datetime

from chartly.v1 import rules_pb2 as _rules_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RawRef(_message.Message):
    __slots__ = ("bucket", "key", "sha256", "content_type", "captured_at", "size_bytes")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    CAPTURED_AT_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    bucket: str
    key: str
    sha256: str
    content_type: str
    captured_at: _timestamp_pb2.Timestamp
    size_bytes: int
    def __init__(self, bucket: _Optional[str] = ..., key: _Optional[str] = ..., sha256: _Optional[str] = ..., content_type: _Optional[str] = ..., captured_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class RawPlace(_message.Message):
    __slots__ = ("sha256", "line", "offset", "length")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    sha256: str
    line: int
    offset: int
    length: int
    def __init__(self, sha256: _Optional[str] = ..., line: _Optional[int] = ..., offset: _Optional[int] = ..., length: _Optional[int] = ...) -> None: ...

class FrozenProfile(_message.Message):
    __slots__ = ("ref", "hash")
    REF_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    ref: str
    hash: str
    def __init__(self, ref: _Optional[str] = ..., hash: _Optional[str] = ...) -> None: ...

class RecordCounts(_message.Message):
    __slots__ = ("records_in", "canonical", "duplicates", "quarantined", "replayed")
    RECORDS_IN_FIELD_NUMBER: _ClassVar[int]
    CANONICAL_FIELD_NUMBER: _ClassVar[int]
    DUPLICATES_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    records_in: int
    canonical: int
    duplicates: int
    quarantined: int
    replayed: int
    def __init__(self, records_in: _Optional[int] = ..., canonical: _Optional[int] = ..., duplicates: _Optional[int] = ..., quarantined: _Optional[int] = ..., replayed: _Optional[int] = ...) -> None: ...

class ReasonCount(_message.Message):
    __slots__ = ("reason", "records")
    REASON_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    records: int
    def __init__(self, reason: _Optional[str] = ..., records: _Optional[int] = ...) -> None: ...

class RecordViolation(_message.Message):
    __slots__ = ("reason", "field", "path", "rule")
    REASON_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    field: str
    path: str
    rule: str
    def __init__(self, reason: _Optional[str] = ..., field: _Optional[str] = ..., path: _Optional[str] = ..., rule: _Optional[str] = ...) -> None: ...
