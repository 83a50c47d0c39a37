"""Restore integers of a protobuf Struct, which holds only doubles."""

from typing import Any, cast


def whole(value: Any) -> Any:
    """Return a JSON value with its whole numbers as integers."""
    if isinstance(value, dict):
        return {name: whole(member) for name, member in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [whole(item) for item in cast("list[Any]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value
