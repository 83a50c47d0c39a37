"""``when`` and ops that read other fields, within a plan, where fields have an order."""

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
    """An op runs only if its condition holds; the condition may read its own field, and ``type``."""
    assert apply({**MASK, "when": when}, ['"abc"'], others=others) == [expected]


def test_a_template_may_name_its_own_field() -> None:
    """A template that names its own field gets the value before the op."""
    assert apply({"op": "template", "template": "{v}-{w}"}, ['"a"', "1"], others={"w": '"b"'}) == ["a-b", "1-b"]


def test_an_absent_field_can_be_filled_on_a_condition() -> None:
    """``coalesce`` under a condition fills only where it holds."""
    coalesce = {"op": "coalesce", "fields": ["w"]}
    assert apply({**coalesce, "when": {"field": "u", "equals": "yes"}}, ["null"], others={"w": '"b"', "u": '"yes"'}) == ["b"]
    assert apply({**coalesce, "when": {"field": "u", "equals": "yes"}}, ["null"], others={"w": '"b"', "u": '"no"'}) == [None]
