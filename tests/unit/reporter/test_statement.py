"""The SQL statement of a report's request."""

from typing import Any

import duckdb
import pytest

from chartly.reporter.domain import statement as sql
from chartly.reporter.errors import ReportRequestInvalid

COLUMNS = {"sales": ["day", "currency", "amount"], "weather": ["day", "condition"]}


def request(**changes: Any) -> dict[str, Any]:
    """Return a request over two datasets."""
    base: dict[str, Any] = {
        "name": "rain",
        "title": "Sales by weather",
        "inputs": [{"alias": "sales", "dataset": "sales-daily"}, {"alias": "weather", "dataset": "weather-daily"}],
        "joins": [{"left": "sales", "right": "weather", "on": [{"left": "day", "right": "day"}]}],
        "columns": [
            {"input": "weather", "field": "condition"},
            {"input": "sales", "field": "amount", "as": "total", "aggregate": "sum"},
        ],
    }
    return base | changes


def database() -> duckdb.DuckDBPyConnection:
    """Two small datasets."""
    made = duckdb.connect()
    sales = "SELECT * FROM (VALUES (1, 'USD', 10.0), (2, 'USD', 5.0), (3, 'EUR', 1.0)) t(day, currency, amount)"
    weather = "SELECT * FROM (VALUES (1, 'rain'), (2, 'sun'), (3, 'rain')) t(day, condition)"
    made.execute(f'CREATE TABLE "sales-daily" AS {sales}')
    made.execute(f'CREATE TABLE "weather-daily" AS {weather}')
    return made


def test_a_join_with_a_sum_gives_one_row_a_group() -> None:
    """Columns without an aggregate are the group, and rows are ordered."""
    assert database().execute(sql.statement(request(), COLUMNS)).fetchall() == [("rain", 11.0), ("sun", 5.0)]


def test_without_columns_all_of_the_first_input_come() -> None:
    """A request without columns returns all columns of the first input."""
    one = {"name": "all", "title": "All", "inputs": [{"alias": "sales", "dataset": "sales-daily"}]}
    assert len(database().execute(sql.statement(one, COLUMNS)).fetchall()) == 3


def test_a_name_cannot_leave_its_quotes() -> None:
    """A quote in a name is doubled."""
    assert sql.quoted('a"; DROP TABLE x; --') == '"a""; DROP TABLE x; --"'


@pytest.mark.parametrize("columns", [[f"c{number}" for number in range(65)], ["x" * 257], [""]])
def test_columns_that_no_result_holds_are_refused(columns: list[str]) -> None:
    """Without columns in the request, the first input's must fit the contract of a result: their number and their names."""
    one = {"name": "all", "title": "All", "inputs": [{"alias": "sales", "dataset": "sales-daily"}]}
    with pytest.raises(ReportRequestInvalid) as refused:
        sql.statement(one, {"sales": columns})
    assert [violation.field for violation in refused.value.violations] == ["request.columns"]


def test_correlation_leaves_out_what_is_not_finite() -> None:
    """A NaN and an infinity are no numbers to correlate."""
    rows = "SELECT * FROM (VALUES (1.0, 1.0), (2.0, 2.0), ('nan'::DOUBLE, 3.0), (4.0, 'inf'::DOUBLE), (5.0, NULL)) t(x, y)"
    for method in ("pearson", "spearman"):
        with duckdb.connect() as connection:
            found = connection.execute(sql.correlation_statement(rows, "x", "y", method)).fetchall()
        assert found == [(1.0, 2)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"columns": [{"input": "sales", "field": "nope"}]}, "request.columns.0"),
        ({"joins": []}, "request.joins"),
        ({"joins": [{"left": "weather", "right": "sales", "on": [{"left": "day", "right": "day"}]}]}, "request.joins.0.left"),
        ({"correlations": [{"x": "total", "y": "nope"}]}, "request.correlations.0"),
    ],
)
def test_unknown_name_is_refused_with_its_place(changes: dict[str, Any], field: str) -> None:
    """An unknown dataset or column is refused with its place in the request."""
    with pytest.raises(ReportRequestInvalid) as refused:
        sql.statement(request(**changes), COLUMNS)
    assert field in [violation.field for violation in refused.value.violations]


def test_spearman_ranks_ties_by_their_mean() -> None:
    """Held against a hand-computed coefficient: ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4."""
    made = duckdb.connect()
    rows = "SELECT * FROM (VALUES (1, 10), (2, 20), (2, 30), (3, 40)) t(x, y)"
    coefficient, pairs = made.execute(sql.correlation_statement(rows, "x", "y", "spearman")).fetchall()[0]
    assert (round(coefficient, 6), pairs) == (0.948683, 4)
