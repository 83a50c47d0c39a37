"""Names and messages of broken rules. A message never holds the value that broke the rule."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from jsonschema import ValidationError

from .json_value import is_object

_PLAIN: Mapping[str, tuple[str, str]] = {
    "minLength": ("too-short", "must have at least {} characters"),
    "maxLength": ("too-long", "must have at most {} characters"),
    "minimum": ("too-small", "must be at least {}"),
    "maximum": ("too-large", "must be at most {}"),
    "exclusiveMinimum": ("too-small", "must be more than {}"),
    "exclusiveMaximum": ("too-large", "must be less than {}"),
    "multipleOf": ("not-a-multiple", "must be a multiple of {}"),
    "minItems": ("too-few", "must have at least {} elements"),
    "maxItems": ("too-many", "must have at most {} elements"),
    "minProperties": ("too-few", "must have at least {} keys"),
    "maxProperties": ("too-many", "must have at most {} keys"),
    "pattern": ("pattern", "must match {}"),
    "format": ("format", "must be a {} (RFC 3339)"),
    "const": ("const", "must be {!r}"),
}
_FIXED: Mapping[str, tuple[str, str]] = {
    "uniqueItems": ("duplicate-element", "must not contain an element twice"),
    "anyOf": ("no-alternative", "must match one of the allowed forms"),
    "oneOf": ("no-alternative", "must match exactly one of the allowed forms"),
    "not": ("not-allowed", "is not allowed here"),
    "contains": ("too-few", "lacks a required element"),
}
# A message with more enum names than this is too long to read.
_NAMES_SHOWN_MAX = 20


class BrokenRule(NamedTuple):
    """One broken rule and its place."""

    path: tuple[str | int, ...]
    """The place in the instance; for an unknown key, the key itself."""
    rule: str
    """A stable name, such as ``unknown-key``."""
    message: str
    """One sentence without values."""
    schema_path: tuple[str | int, ...]


def broken_rules(failure: ValidationError) -> Iterator[BrokenRule]:
    """Yield the broken rules of one failure of jsonschema: one for each key, if several keys are wrong."""
    path = tuple(failure.absolute_path)
    schema_path = tuple(failure.absolute_schema_path)
    if _is_of_a_key(schema_path):
        yield BrokenRule((*path, str(failure.instance)), "bad-key", "has a name that is not allowed", schema_path)
        return
    match failure.validator:
        case "additionalProperties" | "unevaluatedProperties":
            for key in _unknown_keys(failure):
                yield BrokenRule((*path, key), "unknown-key", f"unknown key {key!r}", schema_path)
        case "required":
            key = _missing_key(failure)
            yield BrokenRule(path, "missing-key", f"the required key {key!r} is missing", schema_path)
        case _:
            rule, message = _named(failure)
            yield BrokenRule(path, rule, message, schema_path)


def _is_of_a_key(schema_path: Sequence[str | int]) -> bool:
    """Return whether a rule is about the names of keys: then jsonschema passes the name as the instance."""
    keywords = ("", *schema_path)
    return any(here == "propertyNames" and before != "properties" for before, here in itertools.pairwise(keywords))


def _named(failure: ValidationError) -> tuple[str, str]:
    # jsonschema's types say that both are always set; under the schema `false` they are None.
    keyword: str | None = _any(failure.validator)
    wanted: Any = failure.validator_value
    if keyword is None:
        return "not-allowed", "is not allowed here"
    if keyword == "type":
        types: Sequence[str] = [wanted] if isinstance(wanted, str) else wanted
        return "type", f"must be {' or '.join(types)}"
    if keyword == "enum":
        names = ", ".join(repr(name) for name in wanted[:_NAMES_SHOWN_MAX])
        return "enum", f"must be one of {names}"
    if keyword in _PLAIN:
        rule, message = _PLAIN[keyword]
        return rule, message.format(wanted)
    return _FIXED.get(keyword, (keyword, f"does not meet the rule {keyword}"))


def _unknown_keys(failure: ValidationError) -> list[str]:
    schema, instance = _mapping(failure.schema), _mapping(failure.instance)
    return sorted(key for key in instance if key not in schema.get("properties", {}))


def _missing_key(failure: ValidationError) -> str:
    # One failure names one key, and only in its text; the text begins with the key's repr.
    instance = _mapping(failure.instance)
    required: Sequence[str] = _any(failure.validator_value)
    absent = [key for key in required if key not in instance]
    return next((key for key in absent if failure.message.startswith(f"{key!r} ")), absent[0])


def _any(value: Any) -> Any:
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if is_object(value) else {}
