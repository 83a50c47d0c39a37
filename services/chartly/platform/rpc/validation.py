"""Check requests against the rules in their protos. Each message type is compiled once into closures; no rule is read at a call.

It checks fields one by one. A rule that concerns several fields, or the state of the system, is its handler's.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor
from google.protobuf.message import Message

from chartly.platform.config import Limits
from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.names import PROTO_PACKAGE

from .rules import TIMESTAMP, RuleBounds, Rules, is_map, items_sentence, listed, one_required, rules_of, sentence

M = TypeVar("M", bound=Message)
_Check = Callable[[Any, str, list[FieldViolation]], None]
"""Checks a message, whose fields' names begin with the given path, and adds the violations to the list."""
_Test = Callable[[Any], bool]

_BYTES_A_CHARACTER_MAX = 4
# 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what a Timestamp may hold (timestamp.proto), and what Python can represent.
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
_NANOS_MAX = 999_999_999


class RequestValidator:
    """Checks messages of all types; keeps the closures of each type. Used from one event loop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._compiled: dict[str, list[_Check]] = {}

    def violations(self, message: Message) -> list[FieldViolation]:
        """Return all that is wrong with a message, in the order of its fields."""
        found: list[FieldViolation] = []
        descriptor: Any = message.DESCRIPTOR  # two implementations of one interface, each with stubs of its own
        _run(self.compiled(descriptor), message, "", found)
        return found

    def check(self, message: M) -> M:
        """Return the message, if it breaks no rule.

        Raises:
            InvalidRequest: with every violation.
        """
        found = self.violations(message)
        if found:
            raise InvalidRequest(violations=tuple(found))
        return message

    async def checked(self, messages: AsyncIterator[M]) -> AsyncIterator[M]:
        """Yield the messages of a client's stream, each after its check.

        Raises:
            InvalidRequest: a message breaks a rule.
        """
        async for message in messages:
            yield self.check(message)

    def compiled(self, descriptor: Descriptor) -> list[_Check]:
        """Return the checks of a message type; empty for types that aren't Chartly's own."""
        if descriptor.file.package != PROTO_PACKAGE:
            return []
        if descriptor.full_name not in self._compiled:
            # The list is kept before it is filled: a type may contain itself.
            checks = self._compiled[descriptor.full_name] = []
            checks += (check for check in map(self._field, descriptor.fields) if check is not None)
            checks += (_one_required(oneof) for oneof in descriptor.oneofs if one_required(oneof))
        return self._compiled[descriptor.full_name]

    def _field(self, field: FieldDescriptor) -> _Check | None:
        rules = rules_of(field, self._limits)
        kind = field.message_type
        if kind is not None and is_map(field):
            return self._map(field, kind, rules)
        if field.is_repeated:
            return self._list(field, rules)
        if kind is not None:
            return self._message(field, kind, rules)
        return self._scalar(field, rules)

    def _scalar(self, field: FieldDescriptor, rules: Rules) -> _Check | None:
        name, test, words, required = field.name, self._test(field, rules), self._words(field, rules), rules.required
        if test is None and not required:
            return None
        absent, has_presence = "is required" if test is None else words, field.has_presence

        def check(message: Any, path: str, found: list[FieldViolation]) -> None:
            value = getattr(message, name)
            if not value and not (has_presence and message.HasField(name)):
                if required:
                    found.append(FieldViolation(path + name, absent))
            elif test is not None and not test(value):
                found.append(FieldViolation(path + name, words))

        return check

    def _message(self, field: FieldDescriptor, kind: Descriptor, rules: Rules) -> _Check | None:
        name, required, keeps_presence = field.name, rules.required, kind.full_name == TIMESTAMP
        content = self._content(field, kind, rules)
        if content is None and not required:
            return None

        def check(message: Any, path: str, found: list[FieldViolation]) -> None:
            present = message.HasField(name)
            if not present and (not required or keeps_presence):
                if required:
                    found.append(FieldViolation(path + name, "is required"))
                return
            value = getattr(message, name)
            before = len(found)
            # An absent required message has the violations of an empty one, so that a client learns all at once.
            if content is not None:
                content(value, path + name, found)
            if required and not keeps_presence and len(found) == before and not value.ByteSize():
                found.append(FieldViolation(path + name, "is required"))

        return check

    def _content(self, field: FieldDescriptor, kind: Descriptor, rules: Rules) -> _Check | None:
        """Return the check of one message that is present, at the path of the field itself; None when each value passes."""
        if kind.full_name == TIMESTAMP:
            return _check_instant
        # The type's checks may not be complete yet when a type contains itself, so their number says nothing here.
        inner = self.compiled(kind)
        ours, size = kind.file.package == PROTO_PACKAGE, rules.size
        if not ours and size is None:
            return None
        words = sentence(field, rules)

        def check(value: Any, path: str, found: list[FieldViolation]) -> None:
            _run(inner, value, f"{path}.", found)
            if size is not None and value.ByteSize() not in size:
                found.append(FieldViolation(path, words))

        return check

    def _item(self, field: FieldDescriptor, each: Rules) -> _Check | None:
        """Return the check of one item of a list, or of one value of a map; None when each value passes."""
        if field.message_type is not None:
            content, required = self._content(field, field.message_type, each), each.required
            if not required:
                return content

            def check_message(value: Any, path: str, found: list[FieldViolation]) -> None:
                before = len(found)
                if content is not None:
                    content(value, path, found)
                if len(found) == before and not value.ByteSize():
                    found.append(FieldViolation(path, "is required"))

            return check_message
        test, words, required = self._test(field, each), self._words(field, each), each.required
        if test is None and not required:
            return None

        # An item is always set, so the number 0 is one that the client means. An empty text has no format.
        meant = field.type not in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES)

        def check(value: Any, path: str, found: list[FieldViolation]) -> None:
            if (required and not value) or (test is not None and (meant or value) and not test(value)):
                found.append(FieldViolation(path, words))

        return check

    def _list(self, field: FieldDescriptor, rules: Rules) -> _Check | None:
        name, items, said = field.name, _at_least_one(rules), items_sentence(rules)
        item = self._item(field, rules.each or Rules())
        if items is None and item is None:
            return None

        def check(message: Any, path: str, found: list[FieldViolation]) -> None:
            values = getattr(message, name)
            if items is not None and len(values) not in items:
                found.append(FieldViolation(path + name, said))
            elif item is not None:
                for index, value in enumerate(values):
                    item(value, f"{path}{name}[{index}]", found)

        return check

    def _map(self, field: FieldDescriptor, entry: Descriptor, rules: Rules) -> _Check:
        name, items, said = field.name, _at_least_one(rules), items_sentence(rules)
        key, value = (entry.fields_by_name[part] for part in ("key", "value"))
        key_test, key_words = self._test(key, Rules()), self._words(key, Rules())
        item = self._item(value, rules.each or Rules())

        def check(message: Any, path: str, found: list[FieldViolation]) -> None:
            values = getattr(message, name)
            if items is not None and len(values) not in items:
                found.append(FieldViolation(path + name, said))
                return
            for word, content in values.items():
                if key_test is not None and not key_test(word):
                    found.append(FieldViolation(path + name, f"a key {key_words}"))
                elif item is not None:
                    item(content, f"{path}{name}[{word}]", found)

        return check

    def _test(self, field: FieldDescriptor, rules: Rules) -> _Test | None:
        """Return a test of one value that is set, or None when each value passes."""
        if field.enum_type is not None:
            return frozenset(field.enum_type.values_by_number).__contains__
        if field.type == FieldDescriptor.TYPE_BYTES and rules.size is not None:
            size = rules.size
            return lambda value: len(value) in size
        if field.type != FieldDescriptor.TYPE_STRING:
            return rules.value.__contains__ if rules.value is not None else None
        return _all_of(list(self._string_tests(rules)))

    def _string_tests(self, rules: Rules) -> Iterable[_Test]:
        characters = rules.characters
        if characters is not None:
            yield lambda value: len(value) in characters
        size = rules.size or self._default_size(rules)
        if size is not None:
            yield _size_test(size)
        if rules.format is not None:
            pattern = rules.format.pattern
            yield lambda value: pattern.fullmatch(value) is not None
        if rules.one_of:
            yield frozenset(rules.one_of).__contains__

    def _default_size(self, rules: Rules) -> RuleBounds | None:
        """Return the bound of strings whose rules give none themselves."""
        bounded = rules.one_of or (rules.characters is not None and rules.characters.most is not None)
        return None if bounded else RuleBounds(0, self._limits.string_bytes_max, "string_bytes_max")

    def _words(self, field: FieldDescriptor, rules: Rules) -> str:
        unruled = rules in (Rules(), Rules(required=True))
        if field.type == FieldDescriptor.TYPE_STRING and unruled:
            rules = Rules(rules.required, size=self._default_size(rules))
        return sentence(field, rules)


def _run(checks: list[_Check], message: Any, path: str, found: list[FieldViolation]) -> None:
    for check in checks:
        check(message, path, found)


def _at_least_one(rules: Rules) -> RuleBounds | None:
    """Return the bounds of a list's length; a required list has at least one item."""
    if not rules.required:
        return rules.items
    items = rules.items or RuleBounds(1, None)
    return RuleBounds(max(items.least, 1), items.most, items.limit)


def _all_of(tests: list[_Test]) -> _Test | None:
    match tests:
        case []:
            return None
        case [test]:
            return test
        case _:
            return lambda value: all(test(value) for test in tests)


def _size_test(size: RuleBounds) -> _Test:
    """Test a string's bytes, and encode it only where its characters leave it open."""
    least, most = size.least, size.most

    def test(value: str) -> bool:
        characters = len(value)
        if least <= characters and (most is None or characters * _BYTES_A_CHARACTER_MAX <= most):
            return True
        if most is not None and characters > most:
            return False
        return (characters if value.isascii() else len(value.encode())) in size

    return test


def _one_required(oneof: OneofDescriptor) -> _Check:
    name, words = oneof.name, f"is required: {listed([field.name for field in oneof.fields])}"

    def check(message: Any, path: str, found: list[FieldViolation]) -> None:
        if message.WhichOneof(name) is None:
            found.append(FieldViolation(path + name, words))

    return check


def _check_instant(value: Any, path: str, found: list[FieldViolation]) -> None:
    if not (_FIRST_SECOND <= value.seconds <= _LAST_SECOND and 0 <= value.nanos <= _NANOS_MAX):
        found.append(FieldViolation(path, "must be an instant in the years 1 to 9999"))
