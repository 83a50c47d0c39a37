"""Which tables a statement reads, and what its refusal names."""

import duckdb
import pytest

from chartly.analytics.domain.refusal import refusal
from chartly.analytics.domain.statement import tables_of
from chartly.analytics.errors import QueryRefused
from chartly.analytics.worker.sandbox import syntax_tree


def tables(sql: str) -> frozenset[str]:
    """Return the tables of a statement."""
    with duckdb.connect() as connection:
        connection.execute("LOAD json")
        return tables_of(syntax_tree(connection, sql), sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM a, b",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "WITH A AS (SELECT 1) SELECT * FROM a",
        "WITH a AS (SELECT * FROM a) SELECT * FROM a",
        "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a, b",
        "WITH a AS (WITH a AS (SELECT * FROM a) SELECT * FROM a) SELECT * FROM a",
        "WITH a AS (SELECT 1), b AS (WITH a AS (SELECT * FROM a) SELECT * FROM a) SELECT * FROM b",
        "WITH RECURSIVE a AS (SELECT * FROM a) SELECT * FROM a",
        "WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT x FROM a) SELECT * FROM a",
        "WITH RECURSIVE a AS (SELECT * FROM a UNION ALL SELECT * FROM a) SELECT * FROM a",
        "WITH RECURSIVE b AS (SELECT * FROM a), a AS (SELECT 1 AS x UNION ALL SELECT x FROM a) SELECT * FROM b",
        "SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a), a",
        "(WITH a AS (SELECT 1) SELECT * FROM a) UNION SELECT * FROM a",
        "WITH a AS (SELECT 1) SELECT 1 UNION SELECT * FROM a",
        "WITH a AS (SELECT 1 AS x) SELECT (SELECT max(x) FROM a), exists(SELECT 1 FROM b)",
        "SELECT * FROM (VALUES ((WITH a AS (SELECT 1) SELECT * FROM a)), ((SELECT min(x) FROM a)))",
        "SUMMARIZE a",
        "DESCRIBE SELECT * FROM a",
    ],
)
def test_tables_are_those_that_duckdb_reads(sql: str) -> None:
    """DuckDB's binder names the same tables: a common table expression hides a table where it is visible, and nowhere else."""
    with duckdb.connect() as connection:
        assert tables(sql) == connection.get_table_names(sql)


def test_statement_that_nests_too_deeply_is_refused() -> None:
    """A text whose syntax tree is deeper than can be read is refused, whether DuckDB or the reader of its tree finds it."""
    for terms in (700, 5_000):
        with pytest.raises(QueryRefused):
            tables("SELECT " + "+".join("1" * terms))


@pytest.mark.parametrize(
    ("sql", "place"),
    [("SELEC 1", (1, 1)), ("SELECT 1 FRM x y z", (1, 14)), ("SELECT 'ééé',\n'x' FRM a b", (2, 9))],
)
def test_syntax_error_has_its_place(sql: str, place: tuple[int, int]) -> None:
    """The refusal has the line and the column in characters, also after characters of several bytes."""
    with pytest.raises(QueryRefused) as refused:
        tables(sql)
    assert (refused.value.line, refused.value.column) == place


def test_problem_is_one_line() -> None:
    """Suggestions, which DuckDB writes on lines of their own, follow the problem; a very long list is cut."""
    assert refusal('no column "x"\nCandidate bindings: "y"\n', "SELECT x", None).problem == 'no column "x" Candidate bindings: "y"'
    assert len(refusal("f" * 5_000, "SELECT x", "7").problem) < 1_000
