import datetime

from chartly.v1 import permission_pb2 as _permission_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ServiceStatus(_message.Message):
    __slots__ = ("service", "status", "latency_us", "problem")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    LATENCY_US_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    service: str
    status: str
    latency_us: int
    problem: str
    def __init__(self, service: _Optional[str] = ..., status: _Optional[str] = ..., latency_us: _Optional[int] = ..., problem: _Optional[str] = ...) -> None: ...

class GetPlatformStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetPlatformStatusResponse(_message.Message):
    __slots__ = ("services", "healthy", "checked_at")
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    HEALTHY_FIELD_NUMBER: _ClassVar[int]
    CHECKED_AT_FIELD_NUMBER: _ClassVar[int]
    services: _containers.RepeatedCompositeFieldContainer[ServiceStatus]
    healthy: bool
    checked_at: _timestamp_pb2.Timestamp
    def __init__(self, services: _Optional[_Iterable[_Union[ServiceStatus, _Mapping]]] = ..., healthy: _Optional[bool] = ..., checked_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RunCheckRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetLastCheckRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CheckFinding(_message.Message):
    __slots__ = ("dataset", "version", "place", "problem")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    version: int
    place: str
    problem: str
    def __init__(self, dataset: _Optional[str] = ..., version: _Optional[int] = ..., place: _Optional[str] = ..., problem: _Optional[str] = ...) -> None: ...

class RunCheckResponse(_message.Message):
    __slots__ = ("consistent", "datasets_checked", "commits_checked", "blobs_checked", "faults", "findings", "complete", "checked_at")
    CONSISTENT_FIELD_NUMBER: _ClassVar[int]
    DATASETS_CHECKED_FIELD_NUMBER: _ClassVar[int]
    COMMITS_CHECKED_FIELD_NUMBER: _ClassVar[int]
    BLOBS_CHECKED_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    CHECKED_AT_FIELD_NUMBER: _ClassVar[int]
    consistent: bool
    datasets_checked: int
    commits_checked: int
    blobs_checked: int
    faults: _containers.RepeatedScalarFieldContainer[str]
    findings: _containers.RepeatedCompositeFieldContainer[CheckFinding]
    complete: bool
    checked_at: _timestamp_pb2.Timestamp
    def __init__(self, consistent: _Optional[bool] = ..., datasets_checked: _Optional[int] = ..., commits_checked: _Optional[int] = ..., blobs_checked: _Optional[int] = ..., faults: _Optional[_Iterable[str]] = ..., findings: _Optional[_Iterable[_Union[CheckFinding, _Mapping]]] = ..., complete: _Optional[bool] = ..., checked_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
