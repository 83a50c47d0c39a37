"""Every field rule of every proto: a value at its bound is accepted, and a value beyond is refused with the field's name.

The cases are derived from the descriptors, so a new option is tested as soon as it is in a proto.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor

import chartly.v1
from chartly.platform.config import Limits
from chartly.platform.rpc.methods import all_methods
from chartly.platform.rpc.rules import RuleBounds, Rules, is_map, one_required, rules_of
from chartly.platform.rpc.validation import RequestValidator
from chartly.v1 import rules_pb2

LIMITS = Limits()
VALIDATOR = RequestValidator(LIMITS)
POOL = descriptor_pool.Default()
PASSES, REFUSED = "passes", "is refused"
# The tag of field 9999, as bytes.
UNDECLARED = bytes([0xFA, 0xF0, 0x04])
LAST_SECOND = 253_402_300_799
INTEGERS = {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_UINT64}
STUBS = [importlib.import_module(f"chartly.v1.{path.stem}") for path in sorted(Path(chartly.v1.__path__[0]).glob("*_pb2.py"))]


class Case(NamedTuple):
    """One value of one field."""

    field: FieldDescriptor
    value: Any
    outcome: str
    what: str

    def __str__(self) -> str:
        """Return the test's id."""
        return f"{self.field.full_name.removeprefix('chartly.v1.')}: {self.what} {self.outcome}"


def reachable() -> dict[str, Descriptor]:
    """Return the types of all requests and of the messages in them, by full name."""
    waiting = [POOL.FindMethodByName(path[1:].replace("/", ".")).input_type for path in all_methods()]
    found: dict[str, Descriptor] = {}
    while waiting:
        descriptor = waiting.pop()
        if descriptor.full_name not in found and descriptor.file.package == "chartly.v1":
            found[descriptor.full_name] = descriptor
            waiting += [field.message_type for field in descriptor.fields if field.message_type is not None]
    return {name: found[name] for name in sorted(found) if not found[name].GetOptions().map_entry}


REACHABLE = reachable()


def made(descriptor: Descriptor) -> Any:
    """Return a message that has the required fields only."""
    message: Any = message_factory.GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if rules_of(field, LIMITS).required:
            put(message, field, sample(field))
    for oneof in descriptor.oneofs:
        if one_required(oneof):
            put(message, oneof.fields[0], sample(oneof.fields[0]))
    return message


def put(message: Any, field: FieldDescriptor, value: Any) -> None:
    """Set a field of any kind."""
    if is_map(field):
        entry = field.message_type.fields_by_name["value"] if field.message_type else field
        for key, each in value.items():
            if entry.message_type is None:
                getattr(message, field.name)[key] = each
            else:
                getattr(message, field.name)[key].CopyFrom(each)
    elif field.is_repeated:
        getattr(message, field.name).extend(value)
    elif field.message_type is not None:
        getattr(message, field.name).CopyFrom(value)
        getattr(message, field.name).SetInParent()
    else:
        setattr(message, field.name, value)


def sample(field: FieldDescriptor) -> Any:
    """Return a value that meets the field's rules."""
    rules = rules_of(field, LIMITS)
    if is_map(field):
        return {"key": 1}
    if field.is_repeated:
        return [one(field, rules.each or Rules())] * max(1, rules.items.least if rules.items else 1)
    return one(field, rules)


def one(field: FieldDescriptor, rules: Rules) -> Any:
    """Return a single value that meets rules."""
    if field.message_type is not None:
        # A required message without content counts as absent.
        return made(field.message_type) if made(field.message_type).ByteSize() else padded(field.message_type, 4)
    if field.enum_type is not None:
        return next(value.number for value in field.enum_type.values if value.number)
    if field.type in INTEGERS:
        return max(1, rules.value.least if rules.value else 1)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return True
    return text(field, rules)


def text(field: FieldDescriptor, rules: Rules) -> str | bytes:
    """Return the shortest string or bytes that meet rules."""
    if rules.one_of or rules.format:
        return rules.one_of[0] if rules.one_of else rules.format.example if rules.format else ""
    least = max(bounds.least for bounds in (rules.characters, rules.size, RuleBounds(1, None)) if bounds)
    return ("x" if field.type == FieldDescriptor.TYPE_STRING else b"x") * least


def cases_of(field: FieldDescriptor) -> Iterator[Case]:
    """Yield the values at and beyond each bound of a field."""
    rules = rules_of(field, LIMITS)
    if is_map(field):
        if rules.items and rules.items.most:
            yield Case(field, {f"{number:06}": 1 for number in range(rules.items.most)}, PASSES, "most entries")
            yield Case(field, {f"{number:06}": 1 for number in range(rules.items.most + 1)}, REFUSED, "one entry more")
        for value, outcome, what in numbers(rules.each.value) if rules.each and rules.each.value else ():
            yield Case(field, {"key": value}, outcome, f"an entry, {what},")
        return
    if field.is_repeated:
        yield from cases_of_list(field, rules)
        return
    if rules.required:
        yield Case(field, sample(field), PASSES, "a value")
        yield Case(field, None, REFUSED, "nothing")
    for value, outcome, what in values(field, rules):
        yield Case(field, value, outcome, what)


def cases_of_list(field: FieldDescriptor, rules: Rules) -> Iterator[Case]:
    """Yield lists that are as long as they may be, longer, and empty, and lists of one item at its bounds."""
    each = one(field, rules.each or Rules())
    if rules.required or (rules.items and rules.items.least):
        yield Case(field, [], REFUSED, "an empty list")
    if rules.items and rules.items.most:
        yield Case(field, [each] * rules.items.most, PASSES, "most items")
        yield Case(field, [each] * (rules.items.most + 1), REFUSED, "one item more")
    if rules.each and rules.each.required:
        yield Case(field, [type(each)()], REFUSED, "an empty item")
    for value, outcome, what in values(field, rules.each or Rules()):
        yield Case(field, [value], outcome, f"an item, {what},")


def values(field: FieldDescriptor, rules: Rules) -> Iterator[tuple[Any, str, str]]:
    """Yield single values that are set, and whether they fit."""
    if field.message_type is not None:
        yield from messages(field.message_type, rules)
    elif field.enum_type is not None:
        yield from ((value.number, PASSES, value.name) for value in field.enum_type.values if value.number)
        yield max(field.enum_type.values_by_number) + 1, REFUSED, "an undefined number"
    elif field.type == FieldDescriptor.TYPE_STRING:
        yield from texts(rules)
    elif field.type == FieldDescriptor.TYPE_BYTES and rules.size and rules.size.most:
        yield b"x" * rules.size.most, PASSES, "most bytes"
        yield b"x" * (rules.size.most + 1), REFUSED, "one byte more"
    elif rules.value:
        yield from numbers(rules.value)


def messages(kind: Descriptor, rules: Rules) -> Iterator[tuple[Any, str, str]]:
    """Yield messages at the bounds of their size, and instants at the ends of time."""
    if kind.full_name == "google.protobuf.Timestamp":
        for seconds, outcome in ((LAST_SECOND, PASSES), (LAST_SECOND + 1, REFUSED), (-62_135_596_800, PASSES), (-62_135_596_801, REFUSED)):
            yield message_factory.GetMessageClass(kind)(seconds=seconds), outcome, f"second {seconds}"
    if made(kind).ByteSize():
        yield message_factory.GetMessageClass(kind)(), REFUSED, "a message without its required fields"
    if rules.size and rules.size.most:
        for size, outcome in ((rules.size.most, PASSES), (rules.size.most + 1, REFUSED)):
            yield padded(kind, size), outcome, f"{size} bytes"


def padded(kind: Descriptor, size: int) -> Any:
    """Return a message of an exact size: a field that no proto declares fills it."""
    message = made(kind)
    spare = size - message.ByteSize()
    for content in range(spare, -1, -1):
        filler = bytearray(UNDECLARED)
        left = content
        while left > 0x7F:
            filler.append(left & 0x7F | 0x80)
            left >>= 7
        filler.append(left)
        if len(filler) + content == spare:
            message.MergeFromString(bytes(filler) + bytes(content))
            assert message.ByteSize() == size
            return message
    raise AssertionError(size)


def texts(rules: Rules) -> Iterator[tuple[str, str, str]]:
    """Yield strings at and beyond each bound."""
    for word in rules.one_of:
        yield word, PASSES, word
    if rules.one_of:
        yield "no such word", REFUSED, "another word"
        return
    if rules.format:
        yield rules.format.example, PASSES, "the format's example"
        yield rules.format.counterexample, REFUSED, "its counterexample"
    if rules.characters and rules.characters.most:
        yield "x" * rules.characters.most, PASSES, "most characters"
        yield "x" * (rules.characters.most + 1), REFUSED, "one character more"
        if not rules.format:
            yield "é" * rules.characters.most, PASSES, "as many of two bytes"
    elif not rules.format or rules.size:
        most = rules.size.most if rules.size and rules.size.most else LIMITS.string_bytes_max
        yield "x" * most, PASSES, "most bytes"
        yield "x" * (most + 1), REFUSED, "one byte more"
        yield "é" * (most // 2 + 1), REFUSED, "fewer characters, more bytes"


def numbers(bounds: RuleBounds) -> Iterator[tuple[int, str, str]]:
    """Yield integers at and beyond each bound; 0 is an unset field."""
    yield -1 if bounds.least >= 0 else bounds.least - 1, REFUSED, "less than the least"
    if bounds.least > 0:
        yield bounds.least, PASSES, "the least"
    if bounds.least > 1:
        yield bounds.least - 1, REFUSED, "one less"
    if bounds.most is not None:
        yield bounds.most, PASSES, "the most"
        yield bounds.most + 1, REFUSED, "one more"


CASES = [case for descriptor in REACHABLE.values() for field in descriptor.fields for case in cases_of(field)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_bound_of_a_field_holds(case: Case) -> None:
    """A value at a bound is accepted; a value beyond is refused, and the violation names this field only."""
    owner: Any = case.field.containing_type
    message = made(owner)
    message.ClearField(case.field.name)
    if case.value is not None:
        put(message, case.field, case.value)

    named = {violation.field.partition(".")[0].partition("[")[0] for violation in VALIDATOR.violations(message)}

    assert named == ({case.field.name} if case.outcome == REFUSED else set())


def has_rules(field: FieldDescriptor) -> bool:
    """Return whether a field has the option."""
    options: Any = field.GetOptions()
    return options.HasExtension(rules_pb2.rules)


def test_rules_are_in_requests_only() -> None:
    """No message that occurs in answers only has a rule, since answers are not checked."""
    every = [message for stub in STUBS for message in stub.DESCRIPTOR.message_types_by_name.values()]
    ruled = {message.full_name for message in every if any(map(has_rules, message.fields))}

    assert len(ruled) > 5
    assert ruled <= set(REACHABLE)
