"""What a rollup's rows become in a dataset's table: every type is exact, or refused with the column's name."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chartly.analytics.errors import DatasetDamaged, QueryLimit, QueryRefused
from chartly.analytics.worker.sandbox import QueryBounds
from chartly.analytics.worker.tasks import rollup
from chartly.platform.json.values import json_value
from chartly.storage.table.schema import normalized

from .every_type import CASES, EVERY_TYPE, TypedValue

REFUSED = (
    *("BIT", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ_NS", "INTERVAL", "TUPLE", "UNION", "VARIANT"),
    *("GEOMETRY", "TYPE"),
)
"""Types that no table has."""
VALUES_REFUSED = ("340282366920938463463374607431768211455", "170141183460469231731687303715884105727", str(10**50))
CASES_REFUSED = {
    *(case.sql for name in REFUSED for case in EVERY_TYPE[name]),
    *(case.sql for case in CASES if case.json in VALUES_REFUSED),
    *(case.sql for name in ("DATE", "TIMESTAMP WITH TIME ZONE") for case in EVERY_TYPE[name] if case.json[0] in "+-i"),
    "DATE '1-12-31 (BC)'",
    "[INTERVAL '1 day', NULL]",
}
WITHIN = "MAP {'a': 1::HUGEINT, 'b': NULL}"
"""A 128-bit integer within another value is a decimal in a table."""
KEPT = [case for case in CASES if case.sql not in {*CASES_REFUSED, WITHIN}]


@pytest.fixture
def bounds(tmp_path: Path) -> QueryBounds:
    """Return the bounds of a query."""
    return QueryBounds(memory_bytes_max=64 << 20, spill_bytes_max=1 << 20, spill_folder=str(tmp_path / "spill"))


def stored(sql: str, bounds: QueryBounds, *, rows_max: int = 1_000) -> pa.Table:
    """Return the table's rows of a rollup over one row."""
    folder = Path(bounds.spill_folder).parent
    pq.write_table(pa.table({"x": [1]}), folder / "input.parquet")
    message: dict[str, Any] = {
        "sql": f"{sql} FROM chartly_input",
        "parameters": {},
        "source": {"files": [str(folder / "input.parquet")], "columns": {"x": "int64"}},
        "order": [],
        "rows_max": rows_max,
        "output": str(folder / "output.parquet"),
    }
    rollup(message, bounds)
    return normalized(pq.read_table(folder / "output.parquet"))


@pytest.mark.parametrize("case", KEPT, ids=[case.sql for case in KEPT])
def test_listing_shows_the_value_that_a_query_returns(case: TypedValue, bounds: QueryBounds) -> None:
    """A value that a table keeps is the same in a listing of the table as in a query's answer."""
    values = stored(f"SELECT {case.sql} AS v", bounds).column("v").to_pylist()
    assert [json_value(value) for value in values] == [case.json]


def test_128_bit_integer_within_a_map_is_a_decimal(bounds: QueryBounds) -> None:
    """A part of a column has the type that holds all its values."""
    values = stored(f"SELECT {WITHIN} AS v", bounds).column("v").to_pylist()
    assert [json_value(value) for value in values] == [[["a", "1"], ["b", None]]]


@pytest.mark.parametrize("sql", sorted(CASES_REFUSED))
def test_value_that_no_table_keeps_is_refused_with_its_column(sql: str, bounds: QueryBounds) -> None:
    """The refusal names the column."""
    with pytest.raises(QueryRefused, match="the column amount "):
        stored(f"SELECT 1 AS a, {sql} AS amount", bounds)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("sum(9223372036854775807::BIGINT)", pa.int64()),
        ("sum(9223372036854775807::BIGINT) + 1", pa.decimal128(38, 0)),
        ("9223372036854775808::UBIGINT", pa.decimal128(38, 0)),
        ("1::UBIGINT", pa.int64()),
        ("1::DECIMAL(38,0)", pa.decimal128(38, 0)),
        ("1::DECIMAL(18,9)", pa.decimal128(18, 9)),
        ("NULL", pa.string()),
        ("(-9223372036854775808)::HUGEINT", pa.int64()),
    ],
)
def test_integers_and_decimals_have_a_type_that_holds_them(sql: str, kind: pa.DataType, bounds: QueryBounds) -> None:
    """A decimal keeps its type; an integer beyond 64 bits is BIGINT while it fits, else DECIMAL(38,0)."""
    assert stored(f"SELECT {sql} AS v", bounds).schema.field("v").type == kind


@pytest.mark.parametrize("sql", ["[v]", "{'a': v}", "MAP {'a': v}"])
def test_integer_that_does_not_fit_within_a_list_is_refused_with_its_column(sql: str, bounds: QueryBounds) -> None:
    """Parts of a column are held to the same bounds."""
    with pytest.raises(QueryRefused, match=r"the column amount of type .* has a value"):
        stored(f"SELECT {sql.replace('v', f'{10**38}::HUGEINT')} AS amount", bounds)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT 1 AS a, 2 AS A", "two columns are named A"),
        ("SELECT 1 AS _a", "the column _a begins with an underscore"),
        ("SELECT 1 AS File_Row_Number", "the column File_Row_Number has a name that storage adds"),
        ("SELECT [DATE 'infinity'] AS days", "the column days has a value"),
        ("SELECT ('x' || x)::INTEGER AS v", "Conversion error while running"),
    ],
)
def test_what_cannot_be_stored_is_the_querys_fault(sql: str, words: str, bounds: QueryBounds) -> None:
    """Names and values are refused before storage sees them."""
    with pytest.raises(QueryRefused, match=words):
        stored(sql, bounds)


def test_rollup_beyond_its_rows_is_refused(bounds: QueryBounds) -> None:
    """As many rows as allowed are stored; one more is refused."""
    assert stored("SELECT unnest(range(10)) AS v", bounds, rows_max=10).num_rows == 10
    with pytest.raises(QueryLimit, match="query_rows_max"):
        stored("SELECT unnest(range(11)) AS v", bounds, rows_max=10)


def test_damaged_input_is_no_fault_of_the_query(bounds: QueryBounds, tmp_path: Path) -> None:
    """A file that is no Parquet file, and a missing one, are reported as damage of the dataset."""
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 broken")
    for name in ("broken.parquet", "missing.parquet"):
        source = {"files": [str(tmp_path / name)], "columns": {"x": "int64"}}
        message: dict[str, Any] = {
            "sql": "SELECT 1",
            "parameters": {},
            "source": source,
            "order": [],
            "rows_max": 1,
            "output": str(tmp_path / "out"),
        }
        with pytest.raises(DatasetDamaged):
            rollup(message, bounds)
