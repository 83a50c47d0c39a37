"""Merging a spec with its base's spec."""

from chartly.profiles.merge import merged
from chartly.profiles.violation import Places
from chartly.profiles.yaml_reader import read_yaml


def specs(base: str, over: str) -> tuple[dict[str, object], Places]:
    """Merge two texts of a spec."""
    (base_value, base_places), (over_value, places) = read_yaml(base, "base.yaml"), read_yaml(over, "over.yaml")
    return merged(base_value["spec"], base_places, over_value["spec"], places)


def test_maps_merge_and_everything_else_replaces() -> None:
    """Maps are merged with the profile's values first; lists and scalars replace the base's."""
    value, _ = specs(
        "spec: {a: {x: 1, y: 2}, list: [1, 2, 3], scalar: old, kept: true}",
        "spec: {a: {y: 3, z: 4}, list: [9], scalar: new}",
    )

    assert value == {"a": {"x": 1, "y": 3, "z": 4}, "list": [9], "scalar": "new", "kept": True}


def test_map_and_scalar_replace_each_other() -> None:
    """A map replaces a scalar, and a scalar a map."""
    value, _ = specs("spec: {a: {x: 1}, b: 2}", "spec: {a: 1, b: {x: 2}}")

    assert value == {"a": 1, "b": {"x": 2}}


def test_null_replaces_too() -> None:
    """A null replaces the base's value, and the schema decides whether it is allowed."""
    value, _ = specs("spec: {a: {x: 1}}", "spec: {a: null}")

    assert value == {"a": None}


def test_each_value_is_placed_in_the_text_that_it_comes_from() -> None:
    """A violation in an inherited value has the place in the base's file."""
    _, places = specs("spec:\n  a:\n    x: 1\n  list: [1, 2]\n", "spec:\n  a:\n    y: 2\n  list: [9]\n")

    assert places.locate(("spec", "a", "x"))[:2] == ("base.yaml", 3)
    assert places.locate(("spec", "a", "y"))[:2] == ("over.yaml", 3)
    assert places.locate(("spec", "a"))[:2] == ("over.yaml", 3)
    assert places.locate(("spec", "list", 1))[0] == "over.yaml"
