import datetime

from chartly.v1 import observer_pb2 as _observer_pb2
from chartly.v1 import permission_pb2 as _permission_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetHealthRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetHealthResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: str
    def __init__(self, status: _Optional[str] = ...) -> None: ...

class GetReadinessRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetReadinessResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: str
    def __init__(self, status: _Optional[str] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("version", "started_at", "uptime_s", "services", "counts", "last_check")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    UPTIME_S_FIELD_NUMBER: _ClassVar[int]
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    LAST_CHECK_FIELD_NUMBER: _ClassVar[int]
    version: str
    started_at: _timestamp_pb2.Timestamp
    uptime_s: int
    services: _containers.RepeatedCompositeFieldContainer[GatewayServiceStatus]
    counts: PlatformCounts
    last_check: _observer_pb2.RunCheckResponse
    def __init__(self, version: _Optional[str] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., uptime_s: _Optional[int] = ..., services: _Optional[_Iterable[_Union[GatewayServiceStatus, _Mapping]]] = ..., counts: _Optional[_Union[PlatformCounts, _Mapping]] = ..., last_check: _Optional[_Union[_observer_pb2.RunCheckResponse, _Mapping]] = ...) -> None: ...

class GatewayServiceStatus(_message.Message):
    __slots__ = ("service", "status", "problem")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    service: str
    status: str
    problem: str
    def __init__(self, service: _Optional[str] = ..., status: _Optional[str] = ..., problem: _Optional[str] = ...) -> None: ...

class PlatformCounts(_message.Message):
    __slots__ = ("profiles", "datasets", "drones", "queued_items", "ledger_size")
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    DRONES_FIELD_NUMBER: _ClassVar[int]
    QUEUED_ITEMS_FIELD_NUMBER: _ClassVar[int]
    LEDGER_SIZE_FIELD_NUMBER: _ClassVar[int]
    profiles: int
    datasets: int
    drones: int
    queued_items: int
    ledger_size: int
    def __init__(self, profiles: _Optional[int] = ..., datasets: _Optional[int] = ..., drones: _Optional[int] = ..., queued_items: _Optional[int] = ..., ledger_size: _Optional[int] = ...) -> None: ...
