"""Whether a dataset can have a normalizer's columns: decided as storage decides it before a commit."""

from typing import Any

import pyarrow as pa
import pytest

from chartly.orchestrator.domain.dataset_fit import column_violations, fits, retention_violations
from chartly.storage.errors import ColumnCaseConflict, ColumnConflict, RetentionColumnInvalid
from chartly.storage.policy import read_policy
from chartly.storage.table.retention_column import require_points_in_time
from chartly.storage.table.schema import with_new_columns

TYPES: list[Any] = [
    pa.string(),
    pa.float64(),
    pa.int64(),
    pa.bool_(),
    pa.timestamp("us", "UTC"),
    pa.date32(),
    pa.decimal128(10, 2),
    pa.decimal128(12, 2),
    pa.decimal128(12, 3),
    pa.decimal128(38, 0),
]
"""The types of a plan's columns."""


@pytest.mark.parametrize("held", TYPES, ids=str)
@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_types_fit_as_storage_says(kind: pa.DataType, held: pa.DataType) -> None:
    """For every pair of types the answer is that of storage."""
    try:
        with_new_columns(pa.schema([("v", held)]), pa.schema([("v", kind)]))
    except ColumnConflict:
        storage = False
    else:
        storage = True

    assert fits(str(kind), str(held)) == storage
    assert bool([*column_violations("s", {"v": str(kind)}, {"v": str(held)})]) != storage


@pytest.mark.parametrize(("name", "held"), [("V", "v"), ("é", "É"), ("Raw_Line", "raw_line"), ("v", "v"), ("w", "v"), ("SS", "ß")])
def test_names_fit_as_storage_says(name: str, held: str) -> None:
    """A name that differs from the dataset's only in case is a violation, as it is for storage."""
    try:
        with_new_columns(pa.schema([(held, pa.string())]), pa.schema([(name, pa.string())]))
    except ColumnCaseConflict:
        rules = ["column-case"]
    else:
        rules = []

    assert [violation.reason for violation in column_violations("s", {name: "string"}, {held: "string"})] == rules


@pytest.mark.parametrize("kind", TYPES, ids=str)
@pytest.mark.parametrize("spec", [{"retentionDays": 1, "retentionBy": "occurred_at"}, {"retentionDays": 1}, {"retentionBy": "occurred_at"}])
def test_retention_fits_as_storage_says(kind: pa.DataType, spec: dict[str, Any]) -> None:
    """A retention that storage refuses for a column's type is a violation, of a new dataset and of an existing one."""
    try:
        require_points_in_time(read_policy({"spec": spec}), pa.schema([("occurred_at", kind)]))
    except RetentionColumnInvalid:
        rules = ["retention-column"]
    else:
        rules = []

    for columns, held in (({"occurred_at": str(kind)}, {}), ({}, {"occurred_at": str(kind)})):
        assert [violation.reason for violation in retention_violations("s", spec, columns, held)] == rules


def test_violation_names_columns_types_and_next_step() -> None:
    """The texts name both columns or both types, and what to do."""
    columns = {"V": "string", "n": "int64", "w": "string"}
    case, kind = column_violations("spec.steps.1", columns, {"v": "string", "n": "double", "_sequence": "int64"})

    assert (case.field, kind.field) == ("spec.steps.1", "spec.steps.1")
    assert case.description == "column 'V' and the dataset's column 'v' differ only in case; map the field to 'v', or to a third name"
    assert kind.description == "column 'n' is int64, and double in the dataset; map the field to another name, or write another dataset"
