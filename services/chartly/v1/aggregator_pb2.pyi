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

class WorkResult(_message.Message):
    __slots__ = ("work_id", "run_id", "drone_id", "kind", "source_id", "dataset", "outcome", "reason", "counts", "quarantine_reasons", "duration_ms", "finished_at")
    WORK_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    DRONE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    QUARANTINE_REASONS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    FINISHED_AT_FIELD_NUMBER: _ClassVar[int]
    work_id: str
    run_id: str
    drone_id: str
    kind: str
    source_id: str
    dataset: str
    outcome: str
    reason: str
    counts: _common_pb2.RecordCounts
    quarantine_reasons: _containers.RepeatedCompositeFieldContainer[_common_pb2.ReasonCount]
    duration_ms: int
    finished_at: _timestamp_pb2.Timestamp
    def __init__(self, work_id: _Optional[str] = ..., run_id: _Optional[str] = ..., drone_id: _Optional[str] = ..., kind: _Optional[str] = ..., source_id: _Optional[str] = ..., dataset: _Optional[str] = ..., outcome: _Optional[str] = ..., reason: _Optional[str] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., quarantine_reasons: _Optional[_Iterable[_Union[_common_pb2.ReasonCount, _Mapping]]] = ..., duration_ms: _Optional[int] = ..., finished_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PostResultRequest(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: WorkResult
    def __init__(self, result: _Optional[_Union[WorkResult, _Mapping]] = ...) -> None: ...

class PostResultResponse(_message.Message):
    __slots__ = ("created",)
    CREATED_FIELD_NUMBER: _ClassVar[int]
    created: bool
    def __init__(self, created: _Optional[bool] = ...) -> None: ...

class ListResultsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "run_id")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    run_id: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., run_id: _Optional[str] = ...) -> None: ...

class ListResultsResponse(_message.Message):
    __slots__ = ("results", "next_page_token")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[WorkResult]
    next_page_token: str
    def __init__(self, results: _Optional[_Iterable[_Union[WorkResult, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetSummaryRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetSummaryResponse(_message.Message):
    __slots__ = ("results", "succeeded", "failed", "runs", "counts", "quarantine_reasons", "datasets")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    SUCCEEDED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    QUARANTINE_REASONS_FIELD_NUMBER: _ClassVar[int]
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    results: int
    succeeded: int
    failed: int
    runs: int
    counts: _common_pb2.RecordCounts
    quarantine_reasons: _containers.RepeatedCompositeFieldContainer[_common_pb2.ReasonCount]
    datasets: _containers.RepeatedCompositeFieldContainer[DatasetSummary]
    def __init__(self, results: _Optional[int] = ..., succeeded: _Optional[int] = ..., failed: _Optional[int] = ..., runs: _Optional[int] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., quarantine_reasons: _Optional[_Iterable[_Union[_common_pb2.ReasonCount, _Mapping]]] = ..., datasets: _Optional[_Iterable[_Union[DatasetSummary, _Mapping]]] = ...) -> None: ...

class DatasetSummary(_message.Message):
    __slots__ = ("dataset", "counts")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    counts: _common_pb2.RecordCounts
    def __init__(self, dataset: _Optional[str] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ...) -> None: ...

class ListRunResultsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class RunResult(_message.Message):
    __slots__ = ("run_id", "results", "failed", "counts", "last_finished_at")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    LAST_FINISHED_AT_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    results: int
    failed: int
    counts: _common_pb2.RecordCounts
    last_finished_at: _timestamp_pb2.Timestamp
    def __init__(self, run_id: _Optional[str] = ..., results: _Optional[int] = ..., failed: _Optional[int] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., last_finished_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListRunResultsResponse(_message.Message):
    __slots__ = ("runs", "next_page_token")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[RunResult]
    next_page_token: str
    def __init__(self, runs: _Optional[_Iterable[_Union[RunResult, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListResultRecordsRequest(_message.Message):
    __slots__ = ("dataset", "page_size")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    page_size: int
    def __init__(self, dataset: _Optional[str] = ..., page_size: _Optional[int] = ...) -> None: ...

class ListResultRecordsResponse(_message.Message):
    __slots__ = ("records",)
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    def __init__(self, records: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping]]] = ...) -> None: ...
