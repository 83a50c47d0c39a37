from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Format(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FORMAT_UNSPECIFIED: _ClassVar[Format]
    FORMAT_SHA256: _ClassVar[Format]
    FORMAT_PRINTABLE_ASCII: _ClassVar[Format]
    FORMAT_PROJECTS: _ClassVar[Format]
    FORMAT_DATASET: _ClassVar[Format]
    FORMAT_QUARANTINE_ID: _ClassVar[Format]
    FORMAT_FILE_ID: _ClassVar[Format]
    FORMAT_NOT_BLANK: _ClassVar[Format]
FORMAT_UNSPECIFIED: Format
FORMAT_SHA256: Format
FORMAT_PRINTABLE_ASCII: Format
FORMAT_PROJECTS: Format
FORMAT_DATASET: Format
FORMAT_QUARANTINE_ID: Format
FORMAT_FILE_ID: Format
FORMAT_NOT_BLANK: Format
RULES_FIELD_NUMBER: _ClassVar[int]
rules: _descriptor.FieldDescriptor
ONE_REQUIRED_FIELD_NUMBER: _ClassVar[int]
one_required: _descriptor.FieldDescriptor
FORMAT_RULE_FIELD_NUMBER: _ClassVar[int]
format_rule: _descriptor.FieldDescriptor

class FieldRules(_message.Message):
    __slots__ = ("required", "characters", "bytes", "items", "value", "format", "one_of", "each")
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    CHARACTERS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    ONE_OF_FIELD_NUMBER: _ClassVar[int]
    EACH_FIELD_NUMBER: _ClassVar[int]
    required: bool
    characters: Range
    bytes: Range
    items: Range
    value: Range
    format: Format
    one_of: _containers.RepeatedScalarFieldContainer[str]
    each: FieldRules
    def __init__(self, required: _Optional[bool] = ..., characters: _Optional[_Union[Range, _Mapping]] = ..., bytes: _Optional[_Union[Range, _Mapping]] = ..., items: _Optional[_Union[Range, _Mapping]] = ..., value: _Optional[_Union[Range, _Mapping]] = ..., format: _Optional[_Union[Format, str]] = ..., one_of: _Optional[_Iterable[str]] = ..., each: _Optional[_Union[FieldRules, _Mapping]] = ...) -> None: ...

class Range(_message.Message):
    __slots__ = ("min", "max", "max_limit")
    MIN_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    MAX_LIMIT_FIELD_NUMBER: _ClassVar[int]
    min: int
    max: int
    max_limit: str
    def __init__(self, min: _Optional[int] = ..., max: _Optional[int] = ..., max_limit: _Optional[str] = ...) -> None: ...

class FormatRule(_message.Message):
    __slots__ = ("pattern", "words", "example", "counterexample")
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    EXAMPLE_FIELD_NUMBER: _ClassVar[int]
    COUNTEREXAMPLE_FIELD_NUMBER: _ClassVar[int]
    pattern: str
    words: str
    example: str
    counterexample: str
    def __init__(self, pattern: _Optional[str] = ..., words: _Optional[str] = ..., example: _Optional[str] = ..., counterexample: _Optional[str] = ...) -> None: ...
