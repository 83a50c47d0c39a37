"""Differences between two values."""

from chartly.profiles import ValueChange, changes


def test_equal_values_have_no_changes() -> None:
    """The order of keys is not a difference."""
    assert changes({"a": 1, "b": [1, {"c": None}]}, {"b": [1, {"c": None}], "a": 1}) == []


def test_each_place_is_returned_once() -> None:
    """Added, removed and changed places are returned by path, with the text before and after."""
    before = {"kept": 1, "gone": {"x": 1}, "changed": "a", "list": [1, 2]}
    after = {"kept": 1, "new~/key": True, "changed": "b", "list": [1, 3, 4]}

    assert changes(before, after) == [
        ValueChange("/changed", '"a"', '"b"'),
        ValueChange("/gone", '{"x":1}', ""),
        ValueChange("/list/1", "2", "3"),
        ValueChange("/list/2", "", "4"),
        ValueChange("/new~0~1key", "", "true"),
    ]


def test_types_are_distinguished() -> None:
    """A boolean differs from a number, and a number from a text."""
    assert [change.path for change in changes({"a": True, "b": 1}, {"a": 1, "b": "1"})] == ["/a", "/b"]
