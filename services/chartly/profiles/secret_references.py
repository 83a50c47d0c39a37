"""The secrets that a profile's steps name. It reads no secret."""

from collections.abc import Iterator
from typing import Any

from chartly.contracts.json_value import is_array, is_object

from .violation import Path

STAND_IN = b"a stand-in where the secret itself must not be"
"""Long enough for every step that takes a key."""


def secret_names(value: Any) -> Iterator[tuple[str, str]]:
    """Return name and key of every ``secretRef`` in a document, in its order, with repetitions."""
    return (name for _, name in secret_places(value))


def secret_places(value: Any, path: Path = ()) -> Iterator[tuple[Path, tuple[str, str]]]:
    """Return every ``secretRef`` in a document with its place."""
    if is_array(value):
        for position, part in enumerate(value):
            yield from secret_places(part, (*path, position))
    elif is_object(value):
        for key, part in value.items():
            if key == "secretRef" and is_object(part):
                yield (*path, key), (str(part.get("name", "")), str(part.get("key", "")))
            else:
                yield from secret_places(part, (*path, key))
