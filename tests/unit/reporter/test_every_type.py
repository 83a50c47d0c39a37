"""Values of every type in a report and its CSV."""

import csv
import io
from pathlib import Path
from typing import Any, cast

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import ListValue
from tests.unit.analytics.every_type import CASES, TypedValue

from chartly.analytics.worker.sandbox import QueryBounds
from chartly.analytics.worker.tasks import query
from chartly.contracts import ContractStore
from chartly.reporter.domain.result import Input, check_correlations, result_document
from chartly.reporter.domain.table import CELL_CHARACTERS_MAX, Table, csv_of, table_of
from chartly.reporter.errors import ReportRequestInvalid
from chartly.reporter.report_maker import RESULT_CONTRACT

REQUEST: dict[str, Any] = {"name": "all", "title": "All", "inputs": [{"alias": "a", "dataset": "d"}]}
INPUTS = [Input("a", "d", 1, "sha256:" + "0" * 64, 1)]
CREATED_AT = "2026-03-29T00:00:00Z"


def tabled(sql: str, tmp_path: Path) -> Table:
    """Return the table of a statement's answer, after its way over the wire."""
    bounds = QueryBounds(memory_bytes_max=64 << 20, spill_bytes_max=1 << 20, spill_folder=str(tmp_path / "spill"))
    message: dict[str, Any] = {"sql": sql, "parameters": [], "datasets": {}, "rows_max": 10, "bytes_max": 1 << 20}
    answer = query(message, bounds)[0]
    rows = [cast("list[Any]", MessageToDict(ParseDict(row, ListValue()))) for row in answer["rows"]]
    return table_of([(column["name"], column["type"]) for column in answer["columns"]], rows, len(rows), truncated=False)


@pytest.mark.parametrize("case", CASES, ids=[case.sql for case in CASES])
def test_value_of_every_type_fits_a_report_and_its_csv(case: TypedValue, tmp_path: Path) -> None:
    """The result meets its contract; a scalar is what a query returns, a list or object is its JSON text, and CSV has the same text."""
    table = tabled(f"SELECT {case.sql} AS v", tmp_path)
    document = result_document(REQUEST, INPUTS, table, [], CREATED_AT)
    assert ContractStore.packaged().validator(RESULT_CONTRACT).violations(document) == []
    ((cell,),) = table.rows
    if not isinstance(case.json, list | dict):
        assert (cell, type(cell)) == (case.json, type(case.json))
    head, text = csv_of(table).decode().split("\r\n", 1)
    (written,) = next(csv.reader(io.StringIO(text, newline="")), [""])
    assert head == "v"
    assert written == {"True": "true", "None": ""}.get(str(cell), str(cell))


@pytest.mark.parametrize(
    ("sql", "kind", "cell"),
    [
        ("[1, 2]", "string", "[1,2]"),
        ("[0.10::DECIMAL(4,2)]", "string", '["0.10"]'),
        ("[TIMESTAMP '2026-03-29 01:30:00']", "string", '["2026-03-29T01:30:00"]'),
        ("{'b': 1, 'a': NULL}", "string", '{"a":null,"b":1}'),
        ("1::UHUGEINT", "integer", 1),
        ("0.10::DECIMAL(4,2)", "decimal", "0.10"),
        ("TIME '12:00:00'", "string", "12:00:00"),
    ],
)
def test_cell_has_the_type_that_its_column_names(sql: str, kind: str, cell: Any, tmp_path: Path) -> None:
    """A list of decimals is text, not a decimal."""
    table = tabled(f"SELECT {sql} AS v", tmp_path)
    assert (table.columns, table.rows) == ([{"name": "v", "type": kind}], [[cell]])


def test_cell_that_no_result_holds_is_refused_with_its_column(tmp_path: Path) -> None:
    """A text at the bound is kept, one more character is the request's fault."""
    assert len(tabled(f"SELECT repeat('x', {CELL_CHARACTERS_MAX}) AS v", tmp_path).rows) == 1
    with pytest.raises(ReportRequestInvalid) as refused:
        tabled(f"SELECT 1 AS a, repeat('x', {CELL_CHARACTERS_MAX + 1}) AS v", tmp_path)
    assert "the column v " in refused.value.violations[0].description


def test_correlation_of_text_is_refused_with_its_place(tmp_path: Path) -> None:
    """Numbers of every kind can be correlated, text can't."""
    table = tabled("SELECT 1 AS a, 0.5::DECIMAL(4,2) AS b, 0.5::DOUBLE AS c, 'x' AS d", tmp_path)
    check_correlations({"correlations": [{"x": "a", "y": "b"}, {"x": "b", "y": "c"}]}, table)
    with pytest.raises(ReportRequestInvalid) as refused:
        check_correlations({"correlations": [{"x": "a", "y": "b"}, {"x": "a", "y": "d"}]}, table)
    assert [violation.field for violation in refused.value.violations] == ["request.correlations.1.y"]


def test_hash_covers_what_readers_see(tmp_path: Path) -> None:
    """Title and name change the hash, the time of creation doesn't."""
    table = tabled("SELECT 1 AS a", tmp_path)
    changes: list[tuple[dict[str, Any], str]] = [
        ({}, CREATED_AT),
        ({}, "2027-01-01T00:00:00Z"),
        ({"title": "B"}, CREATED_AT),
        ({"name": "b"}, CREATED_AT),
    ]
    first, later, titled, named = (result_document(REQUEST | change, INPUTS, table, [], at)["report_hash"] for change, at in changes)
    assert first == later
    assert len({first, titled, named}) == 3
