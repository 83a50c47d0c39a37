"""Checks that a table can hold a column for each of a contract's properties. The compiled core has the rules."""

from collections.abc import Mapping
from typing import Any

from chartly import native

from .validator import InstanceViolation

_RULES = {"columnCase": "column-case", "columnName": "column-name", "reservedColumn": "reserved-column"}
"""The core's rules for the names of columns, and their names here."""
_NO_FIELDS: Mapping[str, Any] = {"canonicalEventType": "any", "mapping": {}}


def column_violations(schema: Mapping[str, Any]) -> list[InstanceViolation]:
    """Return the first property that no table can hold a column for; empty if a table can hold all of them.

    A profile may still map a field whose name differs only in case from a property. The profile's validation finds that.
    """
    try:
        native.Plan.compile(_NO_FIELDS, schema)
    except native.PlanError as refused:
        if refused.document == "contract" and refused.rule in _RULES:
            # The pointer is ``/properties/`` and the name, and a name may contain any character.
            name = refused.pointer.removeprefix("/properties/").replace("~1", "/").replace("~0", "~")
            return [InstanceViolation(("properties", name), _RULES[refused.rule], refused.detail)]
    return []
