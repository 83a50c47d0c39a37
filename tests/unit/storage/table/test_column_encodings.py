"""A column of texts holds characters of strings, or JSON of any values: never both."""

from typing import Any

import pyarrow as pa
import pytest

from chartly.native import Plan
from chartly.storage.errors import ColumnConflict
from chartly.storage.table.schema import normalized, schema_of, schema_text, with_new_columns

PROFILE = {"canonicalEventType": "case", "mapping": {"v": "$.v"}}
UNTYPED: tuple[dict[str, Any], ...] = (
    {},
    {"anyOf": [{"type": "string"}, {"type": "null"}]},
    {"type": "array"},
    {"type": "object"},
    {"type": ["string", "number"]},
)


def columns_of(schema: dict[str, Any] | None) -> pa.Schema:
    """Return the columns that storage makes of a chunk; the contract has ``v`` with this schema, or doesn't name it."""
    contract = {"properties": {} if schema is None else {"v": schema}}
    outcome = Plan.compile(PROFILE, contract).run(b'{"v":null}\n')
    return normalized(pa.RecordBatchReader.from_stream(outcome.accepted).read_all()).schema


@pytest.mark.parametrize("untyped", [None, *UNTYPED], ids=str)
def test_type_of_an_untyped_column_cannot_become_text(untyped: dict[str, Any] | None) -> None:
    """A column that holds JSON doesn't become one of strings, nor the reverse; the stored schema keeps which of them it is."""
    json_text, text = (schema_of(schema_text(columns_of(schema))) for schema in (untyped, {"type": "string"}))

    for held, chunk in ((json_text, text), (text, json_text)):
        assert with_new_columns(held, held) == held
        with pytest.raises(ColumnConflict) as refused:
            with_new_columns(held, chunk)
        assert refused.value.column == "v"


def test_table_of_an_earlier_build_goes_on() -> None:
    """A column whose table didn't store what its texts are takes either."""
    held = pa.schema([pa.field("v", pa.string())])

    for schema in (None, {"type": "string"}):
        assert with_new_columns(held, columns_of(schema)).field("v").type == pa.string()
