import datetime

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

class SetAsideCommitRequest(_message.Message):
    __slots__ = ("dataset", "justification")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    justification: str
    def __init__(self, dataset: _Optional[str] = ..., justification: _Optional[str] = ...) -> None: ...

class SetAsideCommitResponse(_message.Message):
    __slots__ = ("version", "commits")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    COMMITS_FIELD_NUMBER: _ClassVar[int]
    version: int
    commits: _containers.RepeatedCompositeFieldContainer[SetAsideChunk]
    def __init__(self, version: _Optional[int] = ..., commits: _Optional[_Iterable[_Union[SetAsideChunk, _Mapping]]] = ...) -> None: ...

class SetAsideChunk(_message.Message):
    __slots__ = ("work_key", "run_id", "raw_sha256", "records")
    WORK_KEY_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RAW_SHA256_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    work_key: str
    run_id: str
    raw_sha256: str
    records: int
    def __init__(self, work_key: _Optional[str] = ..., run_id: _Optional[str] = ..., raw_sha256: _Optional[str] = ..., records: _Optional[int] = ...) -> None: ...

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
