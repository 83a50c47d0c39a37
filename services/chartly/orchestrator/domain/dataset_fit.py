"""Decides whether a dataset can have the columns of a normalizer. Storage decides it once more before each commit. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chartly.platform.errors import FieldViolation

_OCCURRED_AT = "occurred_at"
_DECIMAL = re.compile(r"decimal128\((?P<precision>\d+), (?P<scale>-?\d+)\)")
_POINTS_IN_TIME = ("timestamp", "date32")


def column_violations(field: str, columns: Mapping[str, str], held: Mapping[str, str]) -> Iterator[FieldViolation]:
    """Yield a violation for each column that the dataset can't have.

    Args:
        field: the place of the normalize step in the workflow.
        columns: types of the normalizer's columns by name.
        held: types of the dataset's columns by name; empty for a dataset that doesn't exist.
    """
    names = {name.lower(): name for name in held}
    for name, kind in columns.items():
        other = names.get(name.lower(), name)
        if other != name:
            text = f"column {name!r} and the dataset's column {other!r} differ only in case; map the field to {other!r}, or to a third name"
            yield FieldViolation(field, text, "column-case")
        elif name in held and not fits(kind, held[name]):
            text = f"column {name!r} is {kind}, and {held[name]} in the dataset; map the field to another name, or write another dataset"
            yield FieldViolation(field, text, "column-type")


def retention_violations(
    field: str, storage: Mapping[str, Any], columns: Mapping[str, str], held: Mapping[str, str]
) -> Iterator[FieldViolation]:
    """Yield a violation if the storage profile counts retention from a column without points in time.

    Args:
        field: the place of the write step in the workflow.
        storage: the spec of the resolved storage profile.
        columns: types of the normalizer's columns by name.
        held: types of the dataset's columns by name; empty for a dataset that doesn't exist.
    """
    # Without the column, storage adds one of instants.
    kind = held.get(_OCCURRED_AT) or columns.get(_OCCURRED_AT)
    if "retentionDays" in storage and storage.get("retentionBy") == _OCCURRED_AT and kind and not kind.startswith(_POINTS_IN_TIME):
        text = (
            f"retentionBy is {_OCCURRED_AT}, a column of the type {kind}, so no record would expire; "
            "give it the format date-time in the contract, or count from ingested_at"
        )
        yield FieldViolation(field, text, "retention-column")


def fits(kind: str, held: str) -> bool:
    """Return whether a dataset's column holds all values of a normalizer's column. Both are PyArrow's names of types."""
    given, wider = _DECIMAL.fullmatch(kind), _DECIMAL.fullmatch(held)
    if given and wider:
        return given["scale"] == wider["scale"] and int(given["precision"]) <= int(wider["precision"])
    return kind == held
