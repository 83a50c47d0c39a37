"""Lookups from datasets: the tables that a normalizer names, and the profile with these tables in place.

A profile pins a table by dataset, version and the table's hash, so a frozen profile means the same at any place and time. This module
reads no data; the caller provides the rows.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chartly import native
from chartly.contracts.json_value import is_array, is_object

from .errors import LookupRefused

_OPTIONS = ("dataset", "version", "key", "value", "hash")

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lookup:
    """Two columns of one version of a dataset."""

    dataset: str
    version: int
    key: str
    value: str
    hash: str
    """``sha256:`` and the digest of the table's canonical JSON."""


def lookups_of(spec: Mapping[str, Any]) -> tuple[Lookup, ...]:
    """Return every table that a normalizer's steps look up, once each, in the order of the steps."""
    return tuple(dict.fromkeys(_lookup(step) for step in _steps(spec)))


def expanded(document: Mapping[str, Any], table_of: Callable[[Lookup], Table]) -> dict[str, Any]:
    """Return a resolved normalizer with tables in place of the datasets that it names. A plan is compiled from it.

    Args:
        document: the resolved profile; it is not changed.
        table_of: returns the table of a lookup.

    Raises:
        LookupRefused: a table's hash differs from the one that the profile pins.
    """
    copy: dict[str, Any] = json.loads(json.dumps(document))
    for step in _steps(copy["spec"]):
        lookup = _lookup(step)
        table = table_of(lookup)
        check_pinned(lookup, table_text(table))
        for option in _OPTIONS:
            del step[option]
        step["table"] = table
    return copy


def stand_in(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the profile with one invented row in place of each dataset, to validate it where its tables are not available.

    The rows of a table don't matter for validation.
    """
    copy: dict[str, Any] = json.loads(json.dumps(document))
    for step in _steps(copy["spec"]):
        for option in _OPTIONS:
            step.pop(option, None)
        step["table"] = {"": None}
    return copy


def table_of_rows(lookup: Lookup, rows: Iterable[tuple[Any, Any]], rows_max: int, bytes_max: int) -> dict[str, Any]:
    """Return the lookup table of a dataset's rows. A row without a key is left out.

    Raises:
        LookupRefused: no rows, too many rows or bytes, a repeated key with different values, or a value of an unsupported type.
    """
    table: dict[str, Any] = {}
    size = 0
    for raw_key, raw_value in rows:
        if raw_key is None:
            continue
        key, value = _key(lookup, raw_key), _value(lookup, raw_value)
        if key in table:
            # For Python, True equals 1.
            if (table[key], isinstance(table[key], bool)) != (value, isinstance(value, bool)):
                raise LookupRefused(lookup.dataset, lookup.version, f"two rows have the same {lookup.key} and different {lookup.value}")
            continue
        table[key] = value
        size += len(key) + len(str(value))
        if len(table) > rows_max or size > bytes_max:
            raise LookupRefused(lookup.dataset, lookup.version, f"the table has more than {rows_max} rows or {bytes_max} bytes")
    if not table:
        raise LookupRefused(lookup.dataset, lookup.version, f"no row has a {lookup.key}")
    return table


def table_text(table: Table) -> bytes:
    """Return a table as canonical JSON. Profiles pin the digest of this text, and the table is stored under it."""
    return native.canonicalize(json.dumps(table).encode())


def check_pinned(lookup: Lookup, text: bytes) -> None:
    """Check that a table's canonical JSON has the hash that the profile pins.

    Raises:
        LookupRefused: it has another hash. The error names it, so that an author can pin it.
    """
    found = "sha256:" + hashlib.sha256(text).hexdigest()
    if found != lookup.hash:
        raise LookupRefused(lookup.dataset, lookup.version, f"its table of {lookup.key} and {lookup.value} has the hash {found}")


def _steps(spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the steps that look up a dataset: first those of the fields, then those of the profile."""
    fields = [field["transforms"] for field in spec.get("mapping", {}).values() if is_object(field) and is_array(field.get("transforms"))]
    for steps in (*fields, spec.get("transforms", [])):
        for step in steps:
            if step.get("op") == "lookup" and "dataset" in step:
                yield step


def _lookup(step: Mapping[str, Any]) -> Lookup:
    return Lookup(step["dataset"], step["version"], step["key"], step["value"], step["hash"])


def _key(lookup: Lookup, value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            raise LookupRefused(lookup.dataset, lookup.version, f"{lookup.key} must be text, an integer or a boolean")


def _value(lookup: Lookup, value: Any) -> Any:
    match value:
        case None | bool() | str():
            return value
        case float() if math.isfinite(value):
            return value
        case int() if abs(value) < 2**53:
            return value
        case Decimal():
            return str(value)
        case _:
            raise LookupRefused(lookup.dataset, lookup.version, f"{lookup.value} must be text, a JSON number or a boolean")
