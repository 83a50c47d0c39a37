"""The rules of request fields, read from the options that ``rules.proto`` declares. ``validation.py`` checks them."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor, OneofDescriptor

from chartly.platform.config import Limits
from chartly.v1 import rules_pb2

TIMESTAMP = "google.protobuf.Timestamp"
_INTEGER = ("value",)
# The rules that a single value of a type may have, in addition to `required`.
_RULES_OF: dict[int, tuple[str, ...]] = {
    FieldDescriptor.TYPE_STRING: ("characters", "bytes", "format", "one_of"),
    FieldDescriptor.TYPE_BYTES: ("bytes",),
    FieldDescriptor.TYPE_MESSAGE: ("bytes",),
    FieldDescriptor.TYPE_INT32: _INTEGER,
    FieldDescriptor.TYPE_INT64: _INTEGER,
    FieldDescriptor.TYPE_UINT32: _INTEGER,
    FieldDescriptor.TYPE_UINT64: _INTEGER,
}


@dataclass(frozen=True, slots=True)
class RuleBounds:
    """A range with its bounds included; ``most`` is None where there is no upper bound."""

    least: int
    most: int | None
    limit: str = ""
    """The key of ``limits`` that holds the upper bound; empty when the proto itself does."""

    def __contains__(self, count: int) -> bool:
        """Return whether ``count`` is within the bounds."""
        return count >= self.least and (self.most is None or count <= self.most)


@dataclass(frozen=True, slots=True)
class StringFormat:
    """What a string looks like, with one string that does and one that doesn't."""

    pattern: re.Pattern[str]
    words: str
    example: str
    counterexample: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one field, with the configured limits filled in."""

    required: bool = False
    characters: RuleBounds | None = None
    size: RuleBounds | None = None
    """In bytes."""
    items: RuleBounds | None = None
    value: RuleBounds | None = None
    format: StringFormat | None = None
    one_of: tuple[str, ...] = ()
    each: "Rules | None" = None


class LimitUnknownError(Exception):
    """A rule names a limit that the configuration doesn't have."""


class RuleMisplacedError(Exception):
    """A rule says nothing about the type of its field, such as ``characters`` at a number."""


def rules_of(field: FieldDescriptor, limits: Limits) -> Rules:
    """Return the rules of a field; those of a field without the option are empty.

    Raises:
        LimitUnknownError: a bound names a limit that doesn't exist.
        RuleMisplacedError: a rule doesn't fit the field's type.
    """
    options: Any = field.GetOptions()  # no stub has types of extensions
    message: rules_pb2.FieldRules = options.Extensions[rules_pb2.rules]
    single = message.each if field.is_repeated else message
    value = field.message_type.fields_by_name["value"] if is_map(field) and field.message_type else field
    misplaced = {rule.name for rule, _ in single.ListFields()} - _rules_for(value, is_item=field.is_repeated)
    if field.is_repeated:
        misplaced |= {rule.name for rule, _ in message.ListFields()} - {"required", "items", "each"}
    if misplaced:
        raise RuleMisplacedError(field.full_name, *sorted(misplaced))
    return _rules(message, limits)


def _rules_for(value: FieldDescriptor, *, is_item: bool) -> set[str]:
    """Return the rules that a single value may have. Each of them is one that ``validation.py`` enforces."""
    if value.message_type is not None and value.message_type.full_name == TIMESTAMP:
        # An item of a list is always present, and the instant 1970-01-01T00:00:00Z has no bytes.
        return set() if is_item else {"required"}
    return {"required", *_RULES_OF.get(value.type, ())}


def is_map(field: FieldDescriptor) -> bool:
    """Return whether a field is a map, which the wire has as a list of entries."""
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def one_required(oneof: OneofDescriptor) -> bool:
    """Return whether one member of the oneof must be set."""
    options: Any = oneof.GetOptions()
    return bool(options.Extensions[rules_pb2.one_required])


def enum_words(enum: EnumDescriptor) -> list[str]:
    """Return the names of an enum's values without their prefix and without the unspecified one."""
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return [value.name.removeprefix(prefix) for value in enum.values if value.number]


def listed(words: list[str] | tuple[str, ...]) -> str:
    """Write alternatives: ``a, b or c``."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def sentence(field: FieldDescriptor, rules: Rules) -> str:
    """Return the whole rule of a field's value as a violation says it, such as ``must have 1 to 100 characters``."""
    if field.enum_type is not None:
        return f"must be {listed(enum_words(field.enum_type))}"
    parts = [
        f"have {_counted(bounds, unit, rules)}"
        for bounds, unit in ((rules.characters, "characters"), (rules.size, "bytes"))
        if bounds is not None
    ]
    if rules.format is not None:
        parts.append(f"be {rules.format.words}")
    if rules.one_of:
        parts.append(f"be {listed(rules.one_of)}")
    if rules.value is not None:
        parts.append(_number(rules.value, rules))
    return f"must {' and '.join(parts)}" if parts else "is required"


def items_sentence(rules: Rules) -> str:
    """Return the rule of a list's length as a violation says it."""
    return f"must have {_counted(rules.items, 'items', rules)}" if rules.items is not None else "is required"


def _counted(bounds: RuleBounds, unit: str, rules: Rules) -> str:
    least = max(bounds.least, int(rules.required))
    if bounds.most is None:
        return f"at least {least} {unit}"
    return f"{least} to {bounds.most} {unit}" if least else f"at most {bounds.most} {unit}"


def _number(bounds: RuleBounds, rules: Rules) -> str:
    least = max(bounds.least, 1) if rules.required and bounds.least >= 0 else bounds.least
    if bounds.most is None:
        return f"be at least {least}" if least else "not be negative"
    return f"be from {least} to {bounds.most}" if rules.required or least <= 0 else f"be 0, or from {least} to {bounds.most}"


def _rules(message: rules_pb2.FieldRules, limits: Limits) -> Rules:
    def bounds(name: str) -> RuleBounds | None:
        return _bounds(getattr(message, name), limits) if message.HasField(name) else None  # type: ignore[arg-type]

    return Rules(
        required=message.required,
        characters=bounds("characters"),
        size=bounds("bytes"),
        items=bounds("items"),
        value=bounds("value"),
        format=_format(message.format) if message.format else None,
        one_of=tuple(message.one_of),
        each=_rules(message.each, limits) if message.HasField("each") else None,
    )


def _bounds(message: rules_pb2.Range, limits: Limits) -> RuleBounds:
    if not message.max_limit:
        return RuleBounds(message.min, message.max if message.HasField("max") else None)
    most = getattr(limits, message.max_limit, None)
    if most is None:
        raise LimitUnknownError(message.max_limit)
    return RuleBounds(message.min, most, message.max_limit)


@cache
def _format(number: int) -> StringFormat:
    options: Any = rules_pb2.Format.DESCRIPTOR.values_by_number[number].GetOptions()
    rule: rules_pb2.FormatRule = options.Extensions[rules_pb2.format_rule]
    return StringFormat(re.compile(rule.pattern), rule.words, rule.example, rule.counterexample)
