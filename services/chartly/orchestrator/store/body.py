"""Write domain values as JSON and read them back; protobuf messages within them have their field names of the proto."""

from typing import Any, TypeVar

import msgspec
from google.protobuf import json_format
from google.protobuf.message import Message

T = TypeVar("T")


def encode(value: msgspec.Struct) -> str:
    """Return a value as JSON text."""
    return msgspec.json.encode(value, enc_hook=_to_dict).decode()


def decode(text: str, shape: type[T]) -> T:
    """Return the value of JSON text. Fields that the shape doesn't have are ignored, so that older rows stay readable."""
    return msgspec.json.decode(text, type=shape, dec_hook=_to_message)


def _to_dict(value: Any) -> Any:
    if isinstance(value, Message):
        return json_format.MessageToDict(value, preserving_proto_field_name=True)
    raise NotImplementedError(type(value).__name__)


def _to_message(shape: type[Any], value: Any) -> Any:
    if issubclass(shape, Message):
        return json_format.ParseDict(value, shape(), ignore_unknown_fields=True)
    raise NotImplementedError(shape.__name__)
