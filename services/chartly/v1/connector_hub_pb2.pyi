import datetime

from chartly.v1 import common_pb2 as _common_pb2
from chartly.v1 import permission_pb2 as _permission_pb2
from chartly.v1 import rules_pb2 as _rules_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Source(_message.Message):
    __slots__ = ("source_id", "connector", "breaker", "paused", "requests", "retries", "bytes_ingested", "last_page_at", "last_reason", "inbox", "cursor")
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_FIELD_NUMBER: _ClassVar[int]
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    BYTES_INGESTED_FIELD_NUMBER: _ClassVar[int]
    LAST_PAGE_AT_FIELD_NUMBER: _ClassVar[int]
    LAST_REASON_FIELD_NUMBER: _ClassVar[int]
    INBOX_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    source_id: str
    connector: _common_pb2.FrozenProfile
    breaker: str
    paused: bool
    requests: int
    retries: int
    bytes_ingested: int
    last_page_at: _timestamp_pb2.Timestamp
    last_reason: str
    inbox: Inbox
    cursor: SourceCursor
    def __init__(self, source_id: _Optional[str] = ..., connector: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., breaker: _Optional[str] = ..., paused: _Optional[bool] = ..., requests: _Optional[int] = ..., retries: _Optional[int] = ..., bytes_ingested: _Optional[int] = ..., last_page_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_reason: _Optional[str] = ..., inbox: _Optional[_Union[Inbox, _Mapping]] = ..., cursor: _Optional[_Union[SourceCursor, _Mapping]] = ...) -> None: ...

class SourceCursor(_message.Message):
    __slots__ = ("run_id", "position", "pages", "finished")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    PAGES_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    position: str
    pages: int
    finished: bool
    def __init__(self, run_id: _Optional[str] = ..., position: _Optional[str] = ..., pages: _Optional[int] = ..., finished: _Optional[bool] = ...) -> None: ...

class Inbox(_message.Message):
    __slots__ = ("landed", "taken", "held", "size_bytes")
    LANDED_FIELD_NUMBER: _ClassVar[int]
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    landed: int
    taken: int
    held: int
    size_bytes: int
    def __init__(self, landed: _Optional[int] = ..., taken: _Optional[int] = ..., held: _Optional[int] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class IngestRequest(_message.Message):
    __slots__ = ("source_id", "body", "wait")
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    source_id: str
    body: _httpbody_pb2.HttpBody
    wait: str
    def __init__(self, source_id: _Optional[str] = ..., body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ..., wait: _Optional[str] = ...) -> None: ...

class IngestResponse(_message.Message):
    __slots__ = ("raw_ref", "work_key", "records_received", "state", "counts", "repeated")
    RAW_REF_FIELD_NUMBER: _ClassVar[int]
    WORK_KEY_FIELD_NUMBER: _ClassVar[int]
    RECORDS_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    raw_ref: _common_pb2.RawRef
    work_key: str
    records_received: int
    state: str
    counts: _common_pb2.RecordCounts
    repeated: bool
    def __init__(self, raw_ref: _Optional[_Union[_common_pb2.RawRef, _Mapping]] = ..., work_key: _Optional[str] = ..., records_received: _Optional[int] = ..., state: _Optional[str] = ..., counts: _Optional[_Union[_common_pb2.RecordCounts, _Mapping]] = ..., repeated: _Optional[bool] = ...) -> None: ...

class IngestStreamRequest(_message.Message):
    __slots__ = ("source_id", "body")
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    source_id: str
    body: _httpbody_pb2.HttpBody
    def __init__(self, source_id: _Optional[str] = ..., body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class IngestStreamResponse(_message.Message):
    __slots__ = ("pushes", "pushes_taken", "records_received", "size_bytes")
    PUSHES_FIELD_NUMBER: _ClassVar[int]
    PUSHES_TAKEN_FIELD_NUMBER: _ClassVar[int]
    RECORDS_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    pushes: _containers.RepeatedCompositeFieldContainer[IngestResponse]
    pushes_taken: int
    records_received: int
    size_bytes: int
    def __init__(self, pushes: _Optional[_Iterable[_Union[IngestResponse, _Mapping]]] = ..., pushes_taken: _Optional[int] = ..., records_received: _Optional[int] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class SyncSourceRequest(_message.Message):
    __slots__ = ("run_id", "connector", "pages_max", "sequence", "pushed_pages_max", "continues_run_id")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    CONNECTOR_FIELD_NUMBER: _ClassVar[int]
    PAGES_MAX_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PUSHED_PAGES_MAX_FIELD_NUMBER: _ClassVar[int]
    CONTINUES_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    connector: _common_pb2.FrozenProfile
    pages_max: int
    sequence: int
    pushed_pages_max: int
    continues_run_id: str
    def __init__(self, run_id: _Optional[str] = ..., connector: _Optional[_Union[_common_pb2.FrozenProfile, _Mapping]] = ..., pages_max: _Optional[int] = ..., sequence: _Optional[int] = ..., pushed_pages_max: _Optional[int] = ..., continues_run_id: _Optional[str] = ...) -> None: ...

class SyncSourceResponse(_message.Message):
    __slots__ = ("source_id", "pages", "finished", "requests", "retries")
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    PAGES_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    source_id: str
    pages: _containers.RepeatedCompositeFieldContainer[_common_pb2.RawRef]
    finished: bool
    requests: int
    retries: int
    def __init__(self, source_id: _Optional[str] = ..., pages: _Optional[_Iterable[_Union[_common_pb2.RawRef, _Mapping]]] = ..., finished: _Optional[bool] = ..., requests: _Optional[int] = ..., retries: _Optional[int] = ...) -> None: ...

class ListSourcesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSourcesResponse(_message.Message):
    __slots__ = ("sources", "next_page_token")
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedCompositeFieldContainer[Source]
    next_page_token: str
    def __init__(self, sources: _Optional[_Iterable[_Union[Source, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetSourceRequest(_message.Message):
    __slots__ = ("source_id",)
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    source_id: str
    def __init__(self, source_id: _Optional[str] = ...) -> None: ...

class PauseSourceRequest(_message.Message):
    __slots__ = ("source_id",)
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    source_id: str
    def __init__(self, source_id: _Optional[str] = ...) -> None: ...

class ResumeSourceRequest(_message.Message):
    __slots__ = ("source_id",)
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    source_id: str
    def __init__(self, source_id: _Optional[str] = ...) -> None: ...
