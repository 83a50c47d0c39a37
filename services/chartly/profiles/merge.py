"""Merge a profile's spec with its base's: maps merge, lists and scalars replace. It follows no reference."""

from collections.abc import Mapping
from typing import Any

from chartly.contracts.json_value import is_object

from .violation import Path, Places


def merged(base: Mapping[str, Any], base_places: Places, over: Mapping[str, Any], places: Places) -> tuple[dict[str, Any], Places]:
    """Merge two specs. Return the result, and the place of each of its values in the text that it comes from.

    For a map that both have, the place is that in ``over``, so that a missing key is reported in the profile and not in its base.
    """
    return _merge(base, over), _grafted(over, base, base_places, places)


def _merge(base: Any, over: Any) -> Any:
    if not is_object(base) or not is_object(over):
        return over
    kept = {key: value for key, value in base.items() if key not in over}
    return kept | {key: _merge(base[key], value) if key in base else value for key, value in over.items()}


def _grafted(over: Any, base: Any, base_places: Places, places: Places) -> Places:
    """Return the profile's places, with those of values that only the base has."""
    values, keys = dict(places.values), dict(places.keys)
    for inherited in _inherited(over, base, ("spec",)):
        depth = len(inherited)
        values |= {place: where for place, where in base_places.values.items() if place[:depth] == inherited}
        keys |= {place: where for place, where in base_places.keys.items() if place[:depth] == inherited}
    return Places(places.file, values, keys)


def _inherited(over: Any, base: Any, path: Path) -> list[Path]:
    if not is_object(base) or not is_object(over):
        return []
    found: list[Path] = []
    for key, value in base.items():
        found.extend(_inherited(over[key], value, (*path, key)) if key in over else [(*path, key)])
    return found
