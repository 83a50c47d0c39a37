from chartly.v1 import common_pb2 as _common_pb2
from chartly.v1 import permission_pb2 as _permission_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

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

class VerifiedPart(_message.Message):
    __slots__ = ("kind", "subject", "dataset", "dataset_version", "raw_sha256", "verdict", "findings")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    RAW_SHA256_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    subject: str
    dataset: str
    dataset_version: int
    raw_sha256: str
    verdict: str
    findings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, kind: _Optional[str] = ..., subject: _Optional[str] = ..., dataset: _Optional[str] = ..., dataset_version: _Optional[int] = ..., raw_sha256: _Optional[str] = ..., verdict: _Optional[str] = ..., findings: _Optional[_Iterable[str]] = ...) -> None: ...
