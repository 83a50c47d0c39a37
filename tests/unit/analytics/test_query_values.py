"""The JSON form of every DuckDB type in a query's answer."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import ListValue

from chartly.analytics.errors import QueryLimit, QueryRefused
from chartly.analytics.worker import answer
from chartly.analytics.worker.query_values import NESTING_MAX
from chartly.analytics.worker.sandbox import QueryBounds
from chartly.analytics.worker.tasks import query
from chartly.v1.analytics_pb2 import QueryResponse

from .every_type import CASES, EVERY_TYPE, TypedValue


@pytest.fixture
def bounds(tmp_path: Path) -> QueryBounds:
    """Return the bounds of a query."""
    return QueryBounds(memory_bytes_max=64 << 20, spill_bytes_max=1 << 20, spill_folder=str(tmp_path / "spill"))


def ask(sql: str, bounds: QueryBounds, *, rows_max: int = 100_000, bytes_max: int = 16 << 20) -> dict[str, Any]:
    """Return the answer of a statement without datasets."""
    message: dict[str, Any] = {"sql": sql, "parameters": [], "datasets": {}, "rows_max": rows_max, "bytes_max": bytes_max}
    return query(message, bounds)[0]


@pytest.mark.parametrize("value", CASES, ids=[case.sql for case in CASES])
def test_value_has_the_form_of_its_type(value: TypedValue, bounds: QueryBounds) -> None:
    """A value is exact, alone and in a list, and its null is null."""
    assert ask(f"SELECT {value.sql} AS v", bounds)["rows"] == [[value.json]]
    if value.sql != "sum(1)":
        source = f"(SELECT {value.sql} AS v)"
        assert ask(f"SELECT [v, NULL], nullif(v, v) FROM {source}", bounds)["rows"] == [[[value.json, None], None]]  # noqa: S608


def test_every_type_has_a_case() -> None:
    """A type that a later DuckDB adds needs a form, and a line in the reference page."""
    page = (Path(__file__).parents[3] / "docs" / "reference" / "query-values.md").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        known = {name for (name,) in connection.execute("SELECT DISTINCT logical_type FROM duckdb_types()").fetchall()}
    assert known == set(EVERY_TYPE)
    assert [name for name in sorted(known) if f"`{name}`" not in page] == []


def test_columns_with_one_name_keep_their_values(bounds: QueryBounds) -> None:
    """Two columns with one name are distinguished by their position."""
    found = ask("SELECT 1 AS a, DATE '2026-03-29' AS a", bounds)
    assert [column["name"] for column in found["columns"]] == ["a", "a"]
    assert found["rows"] == [[1, "2026-03-29"]]


def test_rows_keep_the_order_of_the_statement(bounds: QueryBounds) -> None:
    """Casts to the form of an answer don't change the order."""
    found = ask("SELECT i::HUGEINT FROM range(10000) t(i) ORDER BY hash(i)", bounds)
    with duckdb.connect() as connection:
        expected = [i for (i,) in connection.execute("SELECT i FROM range(10000) t(i) ORDER BY hash(i)").fetchall()]
    assert [row[0] for row in found["rows"]] == expected


@pytest.mark.parametrize("sql", ["SELECT 1::TINYINT FROM range(1000)", "SELECT repeat('é', 100) FROM range(100)"])
def test_answer_is_measured_as_it_is_sent(sql: str, bounds: QueryBounds) -> None:
    """Small numbers and text are counted with their frames in the response, and rows that are cut off are not counted."""
    with pytest.raises(QueryLimit, match="query_bytes_max"):
        ask(sql, bounds, bytes_max=10_000)
    assert ask(sql, bounds, rows_max=10, bytes_max=10_000)["truncated"]


def test_value_far_beyond_the_bytes_is_refused_before_it_is_read(bounds: QueryBounds, monkeypatch: pytest.MonkeyPatch) -> None:
    """No Python objects are made of a list that is much larger than the bound."""

    def refuse(*_: object) -> None:
        pytest.fail("the value was read")

    monkeypatch.setattr(answer, "encoded", refuse)
    with pytest.raises(QueryLimit, match="query_bytes_max"):
        ask("SELECT range(100000)", bounds, bytes_max=10_000)


@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ("{'a': ", "}")])
def test_nesting_is_bounded_by_what_is_read(begin: str, end: str, bounds: QueryBounds) -> None:
    """A value at the bound can be sent and read; a deeper one is refused with its column."""
    (row,) = ask(f"SELECT {begin * NESTING_MAX}1{end * NESTING_MAX} AS v", bounds)["rows"]
    message = QueryResponse(rows=[ParseDict(row, ListValue())])
    assert QueryResponse.FromString(message.SerializeToString()) == message
    for depth in (NESTING_MAX + 1, 200):
        with pytest.raises(QueryRefused, match="the column v nests"):
            ask(f"SELECT {begin * depth}1{end * depth} AS v", bounds)
