"""Violations of Python-side validation have place and rule, are ordered, and contain no values."""

import time
from typing import Any

import pytest

from chartly.contracts import ContractValidator
from chartly.contracts.validator import VIOLATIONS_MAX, pointer

SECRET = "s3cr3t-value"  # noqa: S105 - it stands for any customer's value


def found(schema: dict[str, Any], instance: Any) -> list[tuple[str, str]]:
    """Return place and rule of every violation."""
    return [(violation.pointer, violation.rule) for violation in ContractValidator(schema, {}).violations(instance)]


@pytest.mark.parametrize(
    ("schema", "instance", "place", "rule"),
    [
        ({"type": "string"}, 1, "", "type"),
        ({"type": ["string", "null"]}, 1, "", "type"),
        ({"enum": ["a"]}, SECRET, "", "enum"),
        ({"const": "a"}, SECRET, "", "const"),
        ({"pattern": "^[0-9]+$"}, SECRET, "", "pattern"),
        ({"format": "date-time"}, SECRET, "", "format"),
        ({"minLength": 99}, SECRET, "", "too-short"),
        ({"maxLength": 1}, SECRET, "", "too-long"),
        ({"minimum": 5}, 1, "", "too-small"),
        ({"exclusiveMaximum": 5}, 5, "", "too-large"),
        ({"multipleOf": 2}, 3, "", "not-a-multiple"),
        ({"minItems": 1}, [], "", "too-few"),
        ({"uniqueItems": True}, [SECRET, SECRET], "", "duplicate-element"),
        ({"contains": {"const": 1}}, [SECRET], "", "too-few"),
        ({"required": ["a"]}, {}, "", "missing-key"),
        ({"additionalProperties": False}, {"a/b": SECRET}, "/a~1b", "unknown-key"),
        ({"propertyNames": {"maxLength": 1}}, {"ab": SECRET}, "/ab", "bad-key"),
        ({"properties": {"a": {"not": {}}}}, {"a": SECRET}, "/a", "not-allowed"),
        ({"oneOf": [{"type": "string"}, {"minLength": 1}]}, SECRET, "", "no-alternative"),
        ({"anyOf": [{"type": "number"}, {"maxLength": 1}]}, SECRET, "", "no-alternative"),
        ({"properties": {"a": {"items": {"type": "string"}}}}, {"a": ["x", 1]}, "/a/1", "type"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": SECRET}, "", "dependentRequired"),
    ],
)
def test_each_rule_has_a_name_and_a_place(schema: dict[str, Any], instance: Any, place: str, rule: str) -> None:
    """A violation has rule and place, and never the value."""
    assert found(schema, instance) == [(place, rule)]
    assert all(SECRET not in violation.message for violation in ContractValidator(schema, {}).violations(instance))


def test_each_missing_and_unknown_key_is_a_violation() -> None:
    """Two missing keys are two violations, as are two unknown ones."""
    schema: dict[str, Any] = {"required": ["a", "b"], "additionalProperties": False, "properties": {"a": {}, "b": {}}}

    assert found(schema, {"c": 1, "d": 2}) == [("", "missing-key"), ("", "missing-key"), ("/c", "unknown-key"), ("/d", "unknown-key")]


def test_violations_are_ordered_by_place() -> None:
    """List elements are ordered as numbers: 2 before 10."""
    places = [place for place, _ in found({"items": {"type": "string"}}, list(range(12)))]

    assert places == [f"/{number}" for number in range(12)]


def test_violations_are_bounded() -> None:
    """The number of violations of one document is bounded."""
    assert len(found({"items": {"type": "string"}}, list(range(1000)))) == VIOLATIONS_MAX


@pytest.mark.parametrize(
    ("elements", "unique"), [([1, 1.0], False), ([1, True], True), ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], False), (["1", 1], True)]
)
def test_elements_are_compared_as_json(elements: list[Any], unique: bool) -> None:  # noqa: FBT001 - a test's expectation
    """Numbers are equal by value, maps in any order, and values of different types differ."""
    assert (found({"uniqueItems": True}, elements) == []) is unique


def test_long_list_of_maps_is_checked_in_linear_time() -> None:
    """The uniqueness check of twenty thousand maps takes well under 20 seconds, the time of a pairwise check."""
    started = time.process_time()

    assert found({"uniqueItems": True}, [{"n": number} for number in range(20_000)]) == []
    assert time.process_time() - started < 2


def test_pointer_escapes() -> None:
    """Tilde and slash are escaped after RFC 6901."""
    assert pointer(("a~b", "c/d", 0)) == "/a~0b/c~1d/0"
