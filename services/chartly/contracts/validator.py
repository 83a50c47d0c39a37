"""Validates documents against a contract: every violation, in a stable order, without values. The compiled core validates records."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend  # pyright: ignore[reportUnknownVariableType] - it makes a class
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from chartly.platform.errors import FieldViolation

from .formats import FORMATS
from .json_value import is_array, is_object
from .rules import BrokenRule, broken_rules

# A document that breaks more rules than this is of another kind: more violations would not help.
VIOLATIONS_MAX = 100


@dataclass(frozen=True, slots=True)
class InstanceViolation:
    """One rule that a value breaks."""

    path: tuple[str | int, ...]
    rule: str
    message: str
    schema_path: tuple[str | int, ...] = ()

    @property
    def pointer(self) -> str:
        """The place as a JSON Pointer (RFC 6901), empty for the whole value."""
        return pointer(self.path)

    def as_field_violation(self, root: str = "") -> FieldViolation:
        """Return it as errors carry it, with the field as a dotted path below ``root``."""
        return FieldViolation(".".join([root, *map(str, self.path)]).strip("."), self.message, self.rule)


@dataclass(frozen=True)
class ContractValidator:
    """One contract, compiled. Safe to share between threads."""

    schema: Mapping[str, Any]
    resources: Mapping[str, Mapping[str, Any]]
    """The schemas that it may refer to, by ``$id``. Nothing is fetched."""

    @cached_property
    def _compiled(self) -> Any:
        empty: Registry[Any] = Registry()
        registry = empty.with_resources((uri, DRAFT202012.create_resource(schema)) for uri, schema in self.resources.items())
        return _Validator(self.schema, registry=registry, format_checker=FORMATS)

    def violations(self, instance: Any) -> list[InstanceViolation]:
        """Return every rule that ``instance`` breaks, sorted by place, then rule; at most 100."""
        found: set[BrokenRule] = set()
        for failure in self._compiled.iter_errors(instance):
            found.update(broken_rules(failure))
        return _ordered(found)[:VIOLATIONS_MAX]


def _unique_items(_: object, wanted: bool, instance: object, __: object) -> Iterator[ValidationError]:  # noqa: FBT001 - jsonschema's form
    """Check uniqueItems in linear time; jsonschema compares maps pairwise, which a long list turns into minutes."""
    if wanted and is_array(instance) and len({_identity(element) for element in instance}) < len(instance):
        yield ValidationError("contains an element twice")


def _identity(value: Any) -> str:
    """Return a text that is equal for equal JSON values: 1 and 1.0 are one number, and true is no number."""
    return json.dumps(_whole(value), sort_keys=True)


def _whole(value: Any) -> Any:
    if is_object(value):
        return {key: _whole(part) for key, part in value.items()}
    if is_array(value):
        return [_whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Validator: Callable[..., Any] = extend(Draft202012Validator, {"uniqueItems": _unique_items})  # pyright: ignore[reportUnknownVariableType]


def _ordered(found: Iterable[BrokenRule]) -> list[InstanceViolation]:
    once = {(broken.path, broken.rule, broken.message): broken for broken in sorted(found, key=_order)}
    return [InstanceViolation(broken.path, broken.rule, broken.message, broken.schema_path) for broken in once.values()]


def _order(broken: BrokenRule) -> tuple[Any, ...]:
    return ([(isinstance(part, str), str(part).zfill(9)) for part in broken.path], broken.rule, broken.message, str(broken.schema_path))


def pointer(path: Iterable[str | int]) -> str:
    """Return a place as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
