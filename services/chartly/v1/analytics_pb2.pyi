from chartly.v1 import common_pb2 as _common_pb2
from chartly.v1 import permission_pb2 as _permission_pb2
from chartly.v1 import rules_pb2 as _rules_pb2
from chartly.v1 import verify_pb2 as _verify_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class QueryRequest(_message.Message):
    __slots__ = ("sql", "parameters", "rows_max", "versions")
    class VersionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    SQL_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    ROWS_MAX_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    sql: str
    parameters: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Value]
    rows_max: int
    versions: _containers.ScalarMap[str, int]
    def __init__(self, sql: _Optional[str] = ..., parameters: _Optional[_Iterable[_Union[_struct_pb2.Value, _Mapping]]] = ..., rows_max: _Optional[int] = ..., versions: _Optional[_Mapping[str, int]] = ...) -> None: ...

class QueryColumn(_message.Message):
    __slots__ = ("name", "type")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ...) -> None: ...

class DatasetVersion(_message.Message):
    __slots__ = ("dataset", "version", "content_hash")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    version: int
    content_hash: str
    def __init__(self, dataset: _Optional[str] = ..., version: _Optional[int] = ..., content_hash: _Optional[str] = ...) -> None: ...

class QueryResponse(_message.Message):
    __slots__ = ("columns", "rows", "truncated", "inputs")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[QueryColumn]
    rows: _containers.RepeatedCompositeFieldContainer[_struct_pb2.ListValue]
    truncated: bool
    inputs: _containers.RepeatedCompositeFieldContainer[DatasetVersion]
    def __init__(self, columns: _Optional[_Iterable[_Union[QueryColumn, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_struct_pb2.ListValue, _Mapping]]] = ..., truncated: _Optional[bool] = ..., inputs: _Optional[_Iterable[_Union[DatasetVersion, _Mapping]]] = ...) -> None: ...

class RunRollupRequest(_message.Message):
    __slots__ = ("run_id", "analytics")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    ANALYTICS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    analytics: _common_pb2.FrozenProfile
    def __init__(self, run_id: _Optional[str] = ..., analytics: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ...) -> None: ...

class RunRollupResponse(_message.Message):
    __slots__ = ("dataset", "dataset_version", "rows", "input")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    dataset_version: int
    rows: int
    input: DatasetVersion
    def __init__(self, dataset: _Optional[str] = ..., dataset_version: _Optional[int] = ..., rows: _Optional[int] = ..., input: _Optional[_Union[DatasetVersion, _Mapping]] = ...) -> None: ...

class RenderChartRequest(_message.Message):
    __slots__ = ("config", "format", "versions", "analytics_ref")
    class VersionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    ANALYTICS_REF_FIELD_NUMBER: _ClassVar[int]
    config: _struct_pb2.Struct
    format: str
    versions: _containers.ScalarMap[str, int]
    analytics_ref: str
    def __init__(self, config: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., format: _Optional[str] = ..., versions: _Optional[_Mapping[str, int]] = ..., analytics_ref: _Optional[str] = ...) -> None: ...

class VerifyRollupRequest(_message.Message):
    __slots__ = ("dataset", "dataset_version", "analytics", "input")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    ANALYTICS_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    dataset_version: int
    analytics: _common_pb2.FrozenProfile
    input: DatasetVersion
    def __init__(self, dataset: _Optional[str] = ..., dataset_version: _Optional[int] = ..., analytics: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., input: _Optional[_Union[DatasetVersion, _Mapping]] = ...) -> None: ...
