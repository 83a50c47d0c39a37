"""Statements that fail in every way that we know: each is refused as the caller's fault, and none is an internal error."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chartly.analytics.errors import ChartInvalid, QueryLimit, QueryRefused
from chartly.analytics.worker.sandbox import QueryBounds
from chartly.analytics.worker.tasks import chart, query, rollup

CHART = {"mark": "bar", "title": "T", "x": {"field": "x", "type": "nominal"}, "y": {"field": "x", "type": "quantitative"}}
REFUSED = [
    *("", "-- nothing", "SELECT", "SELECT 1; SELECT 2", "EXPLAIN SELECT 1", "SHOW TABLES", "PIVOT t ON s USING sum(x)", "SELECT 1 \0 2"),
    *("SELECT nope FROM t", "SELECT x FROM t LIMIT -1", "SELECT 1::FOO", "SELECT foo(x) FROM t", "SELECT sum(s) FROM t"),
    *("SELECT $1", "SELECT $a", "SELECT ?", "SELECT s::INTEGER FROM t WHERE s = 'a'", "SELECT error('boom')", "SELECT (SELECT x FROM t)"),
    *("SELECT 9223372036854775807 + x FROM t", "SELECT 1::DECIMAL(39)", "SELECT chr(1114112)", "SELECT '{'::JSON", "SELECT 'x' ~ '('"),
    *("SELECT strptime('x', '%Q')", "SELECT now() AT TIME ZONE 'Mars'", "SELECT {'a': 1, 'a': 2}", "SELECT MAP {NULL: 1}"),
    *("SELECT decode('\\xff'::BLOB)", "SELECT make_date(99999999, 1, 1)", "SELECT TIMESTAMP 'infinity' - TIMESTAMP '2020-01-01'"),
    *("SELECT error(x::VARCHAR) FROM t WHERE x > 1"),
    *("SELECT " + "(" * 2_000 + "1" + ")" * 2_000, "SELECT " + "[" * 100 + "1" + "]" * 100, "SELECT " + "+".join("1" * 700)),
    *("SELECT getenv('HOME')", "SELECT * FROM read_csv('/etc/passwd')", "SELECT 'x' LIKE '%' ESCAPE 'ab'"),
]
Run = Callable[[str], object]


@pytest.fixture
def runs(tmp_path: Path) -> dict[str, Run]:
    """Return functions that run a statement over a table t: as a query, a rollup and a chart."""
    pq.write_table(pa.table({"x": [1, 2, 3], "s": ["a", "b", None]}), tmp_path / "t.parquet")
    source = {"files": [str(tmp_path / "t.parquet")], "columns": {"x": "int64", "s": "string"}}
    bounds = QueryBounds(memory_bytes_max=128 << 20, spill_bytes_max=1 << 20, spill_folder=str(tmp_path / "spill"))
    asked: dict[str, Any] = {"parameters": [], "datasets": {"t": source}, "rows_max": 100, "bytes_max": 1 << 20}
    made: dict[str, Any] = {"parameters": {}, "source": source, "order": [], "rows_max": 100, "output": str(tmp_path / "out.parquet")}
    return {
        "query": lambda sql: query(asked | {"sql": sql}, bounds),
        "rollup": lambda sql: rollup(made | {"sql": sql.replace("FROM t", "FROM chartly_input")}, bounds),
        "chart": lambda sql: chart(asked | {"sql": sql, "config": CHART, "format": "svg"}, bounds),
    }


@pytest.mark.parametrize("sql", REFUSED, ids=[sql[:40].replace("\0", "NUL") for sql in REFUSED])
@pytest.mark.parametrize("task", ["query", "rollup", "chart"])
def test_faulty_statement_is_the_callers_fault(runs: dict[str, Run], task: str, sql: str) -> None:
    """Any other error would be logged as an incident, and retried in vain."""
    with pytest.raises((QueryRefused, QueryLimit, ChartInvalid)) as refused:
        runs[task](sql)
    assert refused.value.is_final
