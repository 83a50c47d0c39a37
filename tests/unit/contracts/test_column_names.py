"""Properties of a contract that no table can hold a column for."""

from typing import Any

import pytest

from chartly.contracts import column_violations


def found_in(*names: str) -> list[tuple[str, str]]:
    """Return place and rule of what is wrong with a contract's properties."""
    schema: dict[str, Any] = {"properties": {name: {"type": "string"} for name in names}}
    return [(violation.pointer, violation.rule) for violation in column_violations(schema)]


@pytest.mark.parametrize(
    ("names", "place", "rule"),
    [
        (("ID", "id"), "/properties/id", "column-case"),
        (("É", "é"), "/properties/é", "column-case"),
        (("Type", "type"), "/properties/Type", "column-case"),
        (("Type",), "/properties/Type", "column-case"),
        (("RAW_LINE",), "/properties/RAW_LINE", "reserved-column"),
        (("record_id",), "/properties/record_id", "reserved-column"),
        (("Occurred_At",), "/properties/Occurred_At", "reserved-column"),
        (("_id",), "/properties/_id", "column-name"),
        (("",), "/properties/", "column-name"),
        (("a\0b",), "/properties/a\0b", "column-name"),
        (("A/b", "a/b"), "/properties/a~1b", "column-case"),
    ],
)
def test_property_without_a_column_is_refused(names: tuple[str, ...], place: str, rule: str) -> None:
    """A name that a table can't hold is refused at its place in the contract."""
    assert found_in(*names) == [(place, rule)]


def test_other_names_have_columns() -> None:
    """Dots, spaces, quotes, tabs and line ends are no hindrance; neither is a property within another."""
    nested: dict[str, Any] = {"properties": {"a": {"properties": {"_id": {}, "ID": {}, "id": {}}}}}

    assert not found_in("occurred_at", "type", "a.b", "a b", '"', "a\tb", "a\nb", "[0]", ".", "ß", "SS")
    assert not column_violations(nested)


def test_names_are_said_with_the_next_step() -> None:
    """The message names the property and another name for it."""
    [violation] = column_violations({"properties": {"_id": {}}})

    assert violation.message == '"_id" begins with an underscore, as only columns of storage do; rename the property, such as to id'
