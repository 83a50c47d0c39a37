"""What ``when`` and ops that read other fields do within a plan, where fields have an order and an owner."""

from typing import Any

import pytest
from ops import apply

MASK = {"op": "mask"}


@pytest.mark.parametrize(
    ("when", "others", "expected"),
    [
        ({"field": "w", "equals": "x"}, {"w": '"x"'}, "***"),
        ({"field": "w", "equals": "x"}, {"w": '"y"'}, "abc"),
        ({"field": "w", "equals": 1}, {"w": "1.0"}, "***"),
        ({"field": "w", "equals": 1}, {"w": '"1"'}, "abc"),
        ({"field": "w", "present": False}, {"w": "null"}, "***"),
        ({"field": "v", "equals": "abc"}, {}, "***"),
        ({"equals": "abc"}, {}, "***"),
        ({"matches": "^b"}, {}, "abc"),
        ({"field": "type", "equals": "t"}, {}, "***"),
    ],
)
def test_a_condition_decides(when: dict[str, Any], others: dict[str, str], expected: str) -> None:
    """The op runs where the condition holds; the field may name itself, and ``type`` is a field."""
    assert apply({**MASK, "when": when}, ['"abc"'], others=others) == [expected]


def test_a_template_may_name_its_own_field() -> None:
    """A field's value before the op is seen under its own name."""
    assert apply({"op": "template", "template": "{v}-{w}"}, ['"a"', "1"], others={"w": '"b"'}) == ["a-b", "1-b"]


def test_an_absent_field_can_be_filled_on_a_condition() -> None:
    """``coalesce`` under a condition fills only where it holds."""
    coalesce = {"op": "coalesce", "fields": ["w"]}
    assert apply({**coalesce, "when": {"field": "u", "equals": "yes"}}, ["null"], others={"w": '"b"', "u": '"yes"'}) == ["b"]
    assert apply({**coalesce, "when": {"field": "u", "equals": "yes"}}, ["null"], others={"w": '"b"', "u": '"no"'}) == [None]
