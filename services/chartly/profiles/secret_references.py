"""Which secrets a profile's steps name. It reads none."""

from collections.abc import Iterator
from typing import Any

from chartly.contracts.json_value import is_array, is_object

STAND_IN = b"a stand-in where the secret itself must not be"
"""Long enough for every step that takes a key."""


def secret_names(value: Any) -> Iterator[tuple[str, str]]:
    """Find every ``secretRef`` within a document: name and key, in the document's order, as often as they stand there."""
    if is_array(value):
        for part in value:
            yield from secret_names(part)
    elif is_object(value):
        for key, part in value.items():
            if key == "secretRef" and is_object(part):
                yield str(part.get("name", "")), str(part.get("key", ""))
            else:
                yield from secret_names(part)
