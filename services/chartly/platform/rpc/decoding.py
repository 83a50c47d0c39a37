"""Decode a request's bytes. A request that can't be decoded is its caller's error, with the field that is wrong.

gRPC's own decoding answers such a request with a status that has no reason, and with the text of a Python exception.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any

from google.protobuf import empty_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

from chartly.platform.errors import FieldViolation, InvalidRequest

_NOT_UTF_8 = "must be UTF-8"
_NO_MESSAGE = "must be a protobuf message of the method's type"


class RequestDecoder:
    """Decodes requests of one method. A method without a deserializer takes bytes."""

    def __init__(self, deserializer: Callable[[bytes], Any] | None) -> None:
        self._deserializer = deserializer or bytes
        # Generated deserializers are bound to their message class.
        self._descriptor: Descriptor | None = getattr(getattr(deserializer, "__self__", None), "DESCRIPTOR", None)

    def decode(self, request: bytes) -> Any:
        """Return the message.

        Raises:
            InvalidRequest: the bytes are no such message, or a string in them is not UTF-8.
        """
        try:
            return self._deserializer(request)
        except DecodeError:
            fields = () if self._descriptor is None else fields_not_utf_8(request, self._descriptor)
            found = tuple(FieldViolation(field, _NOT_UTF_8) for field in fields)
            raise InvalidRequest(violations=found or (FieldViolation("body", _NO_MESSAGE),)) from None

    async def decode_all(self, requests: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        """Yield the messages of a client's stream; errors as ``decode``."""
        async for request in requests:
            yield self.decode(request)


def fields_not_utf_8(request: bytes, descriptor: Descriptor) -> tuple[str, ...]:
    """Return the paths of all strings that are not UTF-8, in the order of the bytes; none if the bytes are no message."""
    holder = empty_pb2.Empty()
    try:
        holder.ParseFromString(request)
    except DecodeError:
        return ()
    found: list[str] = []
    for value in UnknownFieldSet(holder):
        field = descriptor.fields_by_number.get(value.field_number)
        if field is None or not isinstance(value.data, bytes):
            continue
        if field.type == FieldDescriptor.TYPE_STRING and not _is_utf_8(value.data):
            found.append(field.name)
        elif field.message_type is not None:
            found += (f"{field.name}.{inner}" for inner in fields_not_utf_8(value.data, field.message_type))
    return tuple(found)


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
