"""Find members of a JSON body that its message lacks or has with another type. The edge's transcoder would drop the former silently.

It converts nothing, and accepts what the transcoder accepts: numbers as texts, a single value for a list.
"""

from collections.abc import Iterator
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from chartly.platform.errors import FieldViolation

# Types whose JSON has a form of its own, or any members.
_FREE = "google."

_WORD = frozenset({FieldDescriptor.TYPE_ENUM, FieldDescriptor.TYPE_BOOL})
_TEXT = frozenset({FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES})


def faults(message: Descriptor, body: dict[str, Any], place: str = "") -> Iterator[FieldViolation]:
    """Return a violation for each member that is unknown or of the wrong type, in the body's order."""
    fields = {name: field for field in message.fields for name in (field.name, field.json_name)}
    for name, value in body.items():
        at = f"{place}{name}"
        field = fields.get(name)
        if field is None:
            known = ", ".join(sorted(each.name for each in message.fields)) or "none"
            yield FieldViolation(at, f"is not a field of this message; its fields: {known}", "unknown-key")
        elif field.message_type is not None and field.message_type.GetOptions().map_entry:
            yield from _map_faults(field.message_type.fields_by_name["value"], value, at)
        elif field.is_repeated and isinstance(value, list):
            for index, each in enumerate(cast("list[Any]", value)):
                yield from _value_faults(field, each, f"{at}.{index}")
        else:
            yield from _value_faults(field, value, at)


def _map_faults(values: FieldDescriptor, value: Any, at: str) -> Iterator[FieldViolation]:
    if isinstance(value, dict):
        for key, each in cast("dict[str, Any]", value).items():
            yield from _value_faults(values, each, f"{at}.{key}")
    elif value is not None:
        yield _mistyped(at, "an object")


def _value_faults(field: FieldDescriptor, value: Any, at: str) -> Iterator[FieldViolation]:
    if value is None:
        return
    message = field.message_type
    if message is not None:
        if message.full_name.startswith(_FREE):
            return
        if isinstance(value, dict):
            yield from faults(message, cast("dict[str, Any]", value), f"{at}.")
        else:
            yield _mistyped(at, "an object")
    elif field.type in _TEXT:
        if not isinstance(value, str):
            yield _mistyped(at, "a text")
    elif field.type in _WORD:
        if isinstance(value, dict | list):
            yield _mistyped(at, "a scalar")
    elif not _is_number(value):
        yield _mistyped(at, "a number")


def _is_number(value: Any) -> bool:
    """Return whether the transcoder accepts a value as a number. Python's parser accepts more, which is refused."""
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return False
        return True
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mistyped(at: str, wanted: str) -> FieldViolation:
    return FieldViolation(at, f"must be {wanted}", "type")
