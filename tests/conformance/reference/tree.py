"""JSON as it is in the bytes: numbers as text, all members in order, repeated ones included.

It checks no rule; repeated keys and numbers beyond doubles are checked where they matter.
"""

from dataclasses import dataclass
from typing import TypeAlias, cast


@dataclass(frozen=True)
class RawNumber:
    """A number as text."""

    text: str


@dataclass(frozen=True, eq=False)
class Members:
    """An object: its members in order, with repeated keys."""

    pairs: tuple[tuple[str, "Node"], ...]

    def has_duplicates(self) -> bool:
        """Return whether a key occurs twice."""
        return len({key for key, _ in self.pairs}) < len(self.pairs)


Node: TypeAlias = bool | str | RawNumber | list["Node"] | Members | None


def objects_within(node: Node) -> list[Members]:
    """Return every object of a tree, its root included."""
    if isinstance(node, Members):
        return [node, *(inner for _, child in node.pairs for inner in objects_within(child))]
    if isinstance(node, list):
        return [inner for child in node for inner in objects_within(child)]
    return []


def of_python(value: object) -> Node:
    """Return a value of a profile (``default``, ``const``) as a tree."""
    match value:
        case None | bool() | str():
            return value
        case int() | float():
            return RawNumber(repr(value))
        case list():
            return [of_python(item) for item in cast("list[object]", value)]
        case dict():
            return Members(tuple((key, of_python(item)) for key, item in cast("dict[str, object]", value).items()))
        case _:
            raise TypeError(type(value))
