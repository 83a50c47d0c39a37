"""Checks that a document is a usable contract: JSON Schema 2020-12, bounded, no foreign references. It checks no compatibility."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urldefrag, urljoin

from jsonschema import Draft202012Validator

from .digest import canonical_json
from .formats import STANDARD_FORMATS
from .json_value import is_array, is_object
from .rules import broken_rules
from .validator import VIOLATIONS_MAX, InstanceViolation

DIALECT = "https://json-schema.org/draft/2020-12/schema"
CONTRACT_BYTES_MAX = 262_144
"""Canonical bytes of one contract: 256 KiB holds thousands of described fields, and keeps compiling it well under a second."""
_DEPTH_MAX = 64  # as deep as a record may be, so that every record's shape can be described

_NAMED_SCHEMAS = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
_LISTED_SCHEMAS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_ONE_SCHEMA = frozenset(
    {"additionalProperties", "items", "contains", "not", "if", "then", "else", "propertyNames", "unevaluatedItems", "unevaluatedProperties"}
)

Place = tuple[str | int, ...]


def check_schema(schema: Mapping[str, Any], known_ids: frozenset[str] = frozenset()) -> list[InstanceViolation]:
    """Return every violation that keeps ``schema`` from being a contract.

    References may point within the schema or to ``known_ids``: a contract is never fetched from anywhere.
    """
    if _depth(schema) > _DEPTH_MAX:
        return [InstanceViolation((), "too-deep", f"must nest at most {_DEPTH_MAX} levels")]
    meta_schema: Any = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    failures = meta_schema.iter_errors(schema)
    broken = [rule for failure in failures for rule in broken_rules(failure)]
    found = [InstanceViolation(rule.path, rule.rule, rule.message, rule.schema_path) for rule in broken]
    if found:
        return found[:VIOLATIONS_MAX]
    if len(canonical_json(schema)) > CONTRACT_BYTES_MAX:
        return [InstanceViolation((), "too-large", f"must have at most {CONTRACT_BYTES_MAX} bytes")]
    if schema.get("$schema", DIALECT) != DIALECT:
        found.append(InstanceViolation(("$schema",), "dialect", f"must be {DIALECT}"))
    base = str(schema.get("$id", ""))
    for place, part in subschemas(schema):
        found.extend(_keyword_violations(place, part, base, known_ids))
    return found[:VIOLATIONS_MAX]


def subschemas(schema: Any, place: Place = ()) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Yield a schema and all schemas within it, each with its place; skip annotations and examples."""
    if not is_object(schema):
        return
    yield place, schema
    for keyword, value in schema.items():
        if keyword in _ONE_SCHEMA:
            yield from subschemas(value, (*place, keyword))
        elif keyword in _NAMED_SCHEMAS and is_object(value):
            for name, part in value.items():
                yield from subschemas(part, (*place, keyword, name))
        elif keyword in _LISTED_SCHEMAS and is_array(value):
            for position, part in enumerate(value):
                yield from subschemas(part, (*place, keyword, position))


def _keyword_violations(place: Place, schema: Mapping[str, Any], base: str, known_ids: frozenset[str]) -> Iterator[InstanceViolation]:
    named = schema.get("format")
    if named is not None and named not in STANDARD_FORMATS:
        yield InstanceViolation(
            (*place, "format"), "unknown-format", "must be a format of JSON Schema 2020-12; other formats are not checked"
        )
    for keyword in ("$ref", "$dynamicRef"):
        target = schema.get(keyword)
        if isinstance(target, str) and not _leads_to_known(target, base, known_ids):
            yield InstanceViolation(
                (*place, keyword), "foreign-reference", "must refer to a part of this contract or to a known contract; nothing is fetched"
            )


def _leads_to_known(target: str, base: str, known_ids: frozenset[str]) -> bool:
    document = urldefrag(urljoin(base, target)).url
    return document in ("", base) or document in known_ids


def _depth(value: Any) -> int:
    deepest, open_values = 0, [(value, 1)]
    while open_values:
        current, depth = open_values.pop()
        deepest = max(deepest, depth)
        if depth > _DEPTH_MAX:
            return depth
        if is_object(current):
            open_values.extend((part, depth + 1) for part in current.values())
        elif is_array(current):
            open_values.extend((part, depth + 1) for part in current)
    return deepest
