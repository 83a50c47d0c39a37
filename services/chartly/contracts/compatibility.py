"""Finds the breaking changes between two versions of a schema within one major version. Pure: it reads no files.

A change is additive when both sides of a contract stay right: a document that was valid stays valid for its writer, and a promise to
readers stays true. A new optional property, a new enum name, a wider bound and other words are additive. A removed property, a key that
becomes or stops being required, a changed type and a narrower bound are breaking. A change of a keyword that is not listed here is
breaking. Readers must tolerate unknown enum names; that is part of the contract of every enum.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .json_value import is_object
from .validator import pointer

Place = tuple[str | int, ...]

_ANNOTATIONS = frozenset({"title", "description", "examples", "default", "$comment", "deprecated", "x-version"})
_WORDS = frozenset({"title", "description", "examples", "$comment", "x-version"})
_NAMED_SCHEMAS = frozenset({"properties", "$defs"})
_MAPS_OF_SCHEMAS = _NAMED_SCHEMAS | {"dependentSchemas", "patternProperties"}
_ONE_SCHEMA = frozenset({"items", "propertyNames", "if", "then", "else", "not", "contains"})
_LISTED_SCHEMAS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_LOWER_BOUNDS = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_UPPER_BOUNDS = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
# These keywords decide which branch applies. A wider condition can make a branch narrower, so no change of them is safe.
_CONDITIONS = frozenset({"if", "not", "oneOf"})

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class BreakingChange:
    """One change that is not allowed within version 1."""

    place: str
    """JSON Pointer into the schema."""
    rule: str
    """A stable name, such as ``property-removed``."""

    def __str__(self) -> str:
        return f"{self.place or '/'}: {self.rule}"


def breaking_changes(old: Any, new: Any) -> list[BreakingChange]:
    """Return every breaking change from ``old`` to ``new``, in the order of the old schema."""
    before, after = _rules(old), _rules(new)
    found = list(_schemas(before, after, ()))
    if is_object(old) and is_object(new) and before != after:
        found.extend(_version_not_raised(old, new))
    return found


def _rules(schema: Any) -> Any:
    """Return a schema without its words: a better description needs no new version."""
    if not is_object(schema):
        return schema
    kept: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in _MAPS_OF_SCHEMAS and is_object(value):
            kept[keyword] = {name: _rules(part) for name, part in value.items()}
        elif keyword in _LISTED_SCHEMAS:
            kept[keyword] = [_rules(part) for part in value]
        elif keyword in _ONE_SCHEMA or keyword == "additionalProperties":
            kept[keyword] = _rules(value)
        elif keyword not in _WORDS:
            kept[keyword] = value
    return kept


def _version_not_raised(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[BreakingChange]:
    before, after = _version(old), _version(new)
    if before is None and after is None:
        return
    if before is None or after is None or after <= before or after[0] != before[0]:
        yield BreakingChange("/x-version", "version-not-raised")


def _version(schema: Mapping[str, Any]) -> tuple[int, ...] | None:
    text = schema.get("x-version")
    return tuple(int(part) for part in text.split(".")) if isinstance(text, str) else None


def _schemas(old: Any, new: Any, place: Place) -> Iterator[BreakingChange]:
    if not is_object(old) or not is_object(new):
        if old is not new and old != new:
            yield BreakingChange(pointer(place), "changed")
        return
    for keyword in [*old, *(keyword for keyword in new if keyword not in old)]:
        before, after = old.get(keyword, _ABSENT), new.get(keyword, _ABSENT)
        if keyword not in _ANNOTATIONS and before != after:
            yield from _keyword(keyword, before, after, (*place, keyword))


def _keyword(keyword: str, before: Any, after: Any, place: Place) -> Iterator[BreakingChange]:
    if keyword in _CONDITIONS:
        yield BreakingChange(pointer(place), "condition-changed")
    elif keyword in _NAMED_SCHEMAS:
        yield from _named(keyword, before, after, place)
    elif keyword in _ONE_SCHEMA and before is not _ABSENT and after is not _ABSENT:
        yield from _schemas(before, after, place)
    elif keyword in _LISTED_SCHEMAS:
        yield from _listed(before, after, place)
    elif keyword in _LOWER_BOUNDS:
        yield from _bound(before, after, place, is_looser=lambda: after <= before)
    elif keyword in _UPPER_BOUNDS:
        yield from _bound(before, after, place, is_looser=lambda: after >= before)
    else:
        yield from _SPECIAL.get(keyword, _changed)(before, after, place)


def _named(keyword: str, before: Any, after: Any, place: Place) -> Iterator[BreakingChange]:
    old: Mapping[str, Any] = {} if before is _ABSENT else before
    new: Mapping[str, Any] = {} if after is _ABSENT else after
    removed = "property-removed" if keyword == "properties" else "definition-removed"
    for name, schema in old.items():
        if name not in new:
            yield BreakingChange(pointer((*place, name)), removed)
        else:
            yield from _schemas(schema, new[name], (*place, name))


def _listed(before: Any, after: Any, place: Place) -> Iterator[BreakingChange]:
    if before is _ABSENT or after is _ABSENT or len(before) != len(after):
        yield BreakingChange(pointer(place), "alternatives-changed")
        return
    for position, (old, new) in enumerate(zip(before, after, strict=True)):
        yield from _schemas(old, new, (*place, position))


def _bound(before: Any, after: Any, place: Place, *, is_looser: Callable[[], bool]) -> Iterator[BreakingChange]:
    if after is _ABSENT:
        return
    if before is _ABSENT or not is_looser():
        yield BreakingChange(pointer(place), "bound-narrowed")


def _required(before: Any, after: Any, place: Place) -> Iterator[BreakingChange]:
    old: set[str] = set() if before is _ABSENT else set(before)
    new: set[str] = set() if after is _ABSENT else set(after)
    for key in sorted(new - old):
        yield BreakingChange(pointer((*place, key)), "required-added")
    for key in sorted(old - new):
        yield BreakingChange(pointer((*place, key)), "required-removed")


def _enum(before: Any, after: Any, place: Place) -> Iterator[BreakingChange]:
    if before is _ABSENT:
        yield BreakingChange(pointer(place), "enum-narrowed")
    elif after is _ABSENT:
        yield BreakingChange(pointer(place), "enum-dropped")
    elif any(name not in after for name in before):
        yield BreakingChange(pointer(place), "enum-narrowed")


def _additional(before: Any, after: Any, place: Place) -> Iterator[BreakingChange]:
    old = True if before is _ABSENT else before
    new = True if after is _ABSENT else after
    if new is True or old is False:
        return  # opened: who reads a closed object ignores keys that it doesn't know
    if is_object(old) and is_object(new):
        yield from _schemas(old, new, place)
    elif old != new:
        yield BreakingChange(pointer(place), "closed")


def _unique(before: Any, after: Any, place: Place) -> Iterator[BreakingChange]:
    if after is True and before is not True:
        yield BreakingChange(pointer(place), "bound-narrowed")


def _changed(_: Any, __: Any, place: Place) -> Iterator[BreakingChange]:
    yield BreakingChange(pointer(place), "changed")


_SPECIAL: Mapping[str, Callable[[Any, Any, Place], Iterator[BreakingChange]]] = {
    "required": _required,
    "enum": _enum,
    "additionalProperties": _additional,
    "uniqueItems": _unique,
}
