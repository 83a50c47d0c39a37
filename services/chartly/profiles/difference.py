"""The differences between two JSON values, place by place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chartly.contracts.digest import canonical_json
from chartly.contracts.json_value import is_array, is_object
from chartly.contracts.validator import pointer

from .violation import Path


@dataclass(frozen=True, slots=True, order=True)
class ValueChange:
    """A place with different values."""

    path: str
    """JSON Pointer to the place."""
    before: str
    """Canonical JSON text before; empty when the place is new."""
    after: str
    """Canonical JSON text after; empty when the place was removed."""


def changes(before: Any, after: Any) -> list[ValueChange]:
    """Return every difference, ordered by path. Maps and lists are compared by their parts, the elements of a list by position."""
    return sorted(_changes(before, after, ()))


def _changes(before: Any, after: Any, path: Path) -> Iterator[ValueChange]:
    if is_object(before) and is_object(after):
        for key in before.keys() | after.keys():
            yield from _member(before, after, key, (*path, key), key in before, key in after)
    elif is_array(before) and is_array(after):
        for position in range(max(len(before), len(after))):
            yield from _member(before, after, position, (*path, position), position < len(before), position < len(after))
    elif type(before) is not type(after) or before != after:
        yield ValueChange(pointer(path), _text(before), _text(after))


def _member(before: Any, after: Any, key: str | int, path: Path, was: bool, is_: bool) -> Iterator[ValueChange]:  # noqa: FBT001 - two plain conditions
    if was and is_:
        yield from _changes(before[key], after[key], path)
    else:
        yield ValueChange(pointer(path), _text(before[key]) if was else "", _text(after[key]) if is_ else "")


def _text(value: Any) -> str:
    return canonical_json(value).decode()
