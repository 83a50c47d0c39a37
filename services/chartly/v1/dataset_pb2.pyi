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

class DatasetColumn(_message.Message):
    __slots__ = ("name", "type")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ...) -> None: ...

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

class Dataset(_message.Message):
    __slots__ = ("dataset", "version", "rows", "content_hash", "storage", "columns", "created_at", "updated_at", "derived", "counts", "quarantine", "inputs", "stale")
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
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    STALE_FIELD_NUMBER: _ClassVar[int]
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
    inputs: _containers.RepeatedCompositeFieldContainer[DatasetInput]
    stale: bool
    def __init__(self, dataset: _Optional[str] = ..., version: _Optional[int] = ..., rows: _Optional[int] = ..., content_hash: _Optional[str] = ..., storage: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., columns: _Optional[_Iterable[_Union[DatasetColumn, _Mapping]]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., derived: _Optional[bool] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., quarantine: _Optional[_Union[QuarantineCounts, _Mapping]] = ..., inputs: _Optional[_Iterable[_Union[DatasetInput, _Mapping]]] = ..., stale: _Optional[bool] = ...) -> None: ...

class DatasetInput(_message.Message):
    __slots__ = ("dataset", "version", "version_now")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    VERSION_NOW_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    version: int
    version_now: int
    def __init__(self, dataset: _Optional[str] = ..., version: _Optional[int] = ..., version_now: _Optional[int] = ...) -> None: ...

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
