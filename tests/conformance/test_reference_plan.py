"""The compiled plan, compared with the slow reference of the mapping language."""

from typing import Any, cast

import pyarrow as pa
import pytest
from generate import examples, profiles
from generate.profiles import Case
from hypothesis import given
from reference import Accepted, Refused, Rejected, normalize, parse

from chartly.native import Outcome, Plan

CONTRACT = "CONTRACT_VIOLATION"


def rows(stream: Any) -> list[dict[str, Any]]:
    """Return an Arrow stream as rows."""
    # pyarrow comes without types.
    return cast("Any", pa).RecordBatchReader.from_stream(stream).read_all().to_pylist()


def reason_key(reason: dict[str, str]) -> tuple[str, str, str]:
    """Return the part of a reason that the documentation states: the field, or the contract's two places."""
    if reason["reason"] == CONTRACT:
        return CONTRACT, reason["path"], reason["rule"]
    return reason["reason"], reason["field"], ""


def is_json(line: bytes) -> bool:
    """Return whether a line is strict JSON."""
    try:
        parse(line)
    except Refused:
        return False
    return True


def assert_same(case: Case, outcome: Outcome) -> None:
    """Compare an outcome with the reference: places, canonical bytes, ids, reasons and their order."""
    expected, blank_lines = normalize(case.spec, case.contract, case.data)
    accepted = [one for one in expected if isinstance(one, Accepted)]
    got = [(row["raw_line"], row["raw_offset"], row["raw_length"], row["_canonical"], row["record_id"]) for row in rows(outcome.accepted)]
    assert got == [(one.line, one.offset, one.length, one.canonical.decode(), one.record_id) for one in accepted]
    rejected = [one for one in expected if isinstance(one, Rejected)]
    refused = rows(outcome.rejected)
    assert [(row["line"], row["offset"], row["length"]) for row in refused] == [(one.line, one.offset, one.length) for one in rejected]
    for row, one in zip(refused, rejected, strict=True):
        if one.either:
            assert len(row["reasons"]) == 1
            assert row["reasons"][0]["reason"] in one.either
        else:
            keys = list(dict.fromkeys(reason_key(reason) for reason in row["reasons"]))
            wanted = [(each.reason, each.field or each.instance_path, each.schema_path) for each in one.reasons]
            assert keys == wanted
    stats = outcome.stats
    assert (stats["records"], stats["accepted"], stats["rejected"]) == (len(expected), len(accepted), len(rejected))
    assert stats["blank_lines"] == blank_lines


@examples(250)
@given(profiles.cases())
def test_plan_equals_the_reference(case: Case) -> None:
    """Places, bytes, ids and reasons equal the reference's, on one thread and on two."""
    plan = Plan.compile(case.spec, case.contract)
    assert_same(case, plan.run(case.data, canonical=True))
    assert_same(case, plan.run(case.data, threads=2, canonical=True))


@examples(80)
@given(profiles.cases())
def test_elements_of_an_array_are_records(case: Case) -> None:
    """The same records as a JSON array have the same outcomes, at their elements' places."""
    sound = [line for line in case.data.split(b"\n") if is_json(line)]
    page = Case({**case.spec, "input": "json"}, case.contract, b" [ " + b" ,\n".join(sound) + b"]\r\n")
    assert_same(page, Plan.compile(page.spec, page.contract).run(page.data, threads=2, canonical=True))


@examples(80)
@given(profiles.cases())
def test_an_explanation_ends_as_the_run_does(case: Case) -> None:
    """``explain`` returns the reasons and the canonical text of a run."""
    plan = Plan.compile(case.spec, case.contract)
    outcome = plan.run(case.data, canonical=True)
    for row in rows(outcome.accepted):
        record = case.data[row["raw_offset"] : row["raw_offset"] + row["raw_length"]]
        explained = plan.explain(record)
        assert (explained["accepted"], explained["canonical"], explained["record_id"]) == (True, row["_canonical"], row["record_id"])
    for row in rows(outcome.rejected):
        explained = plan.explain(case.data[row["offset"] : row["offset"] + row["length"]])
        assert not explained["accepted"]
        assert explained["reasons"] == row["reasons"]


KEPT = [
    Case(
        {
            "canonicalEventType": "t",
            "input": "ndjson",
            "mapping": {"a": {"path": "$.a[*]", "collect": True, "transforms": [{"op": "toNumber"}]}},
        },
        {"type": "object"},
        b'{"a":["9007199254740993","1e400"]}\n{"a":["1e400","9007199254740993"]}\n{"a":[9007199254740993,1e400]}\n{"a":[null,"1"]}\n{"a":[]}',
    ),
    Case(
        {"canonicalEventType": "t", "input": "ndjson", "mapping": {"a": "$.a"}},
        {"type": "object", "properties": {}, "required": ["other"]},
        b"{}\n",
    ),
    Case(
        {
            "canonicalEventType": "t",
            "input": "ndjson",
            "mapping": {"a": {"path": "$.a", "keepNull": True, "default": 1}},
            "requiredFields": ["a"],
        },
        {"type": "object"},
        b'{"a":null}\n{}\n{"a":""}\n{"a":{"b":9007199254740993,"c":[1e400]}}\n{"a":{"\\u00e9":1,"\\ud83d\\ude00":2,"\\ue000":-0}}',
    ),
]
"""Cases that a search found, or that the text is particular about."""


@pytest.mark.parametrize("case", KEPT)
def test_kept_cases_equal_the_reference(case: Case) -> None:
    """Plan and reference agree on cases that once differed, and on similar ones."""
    assert_same(case, Plan.compile(case.spec, case.contract).run(case.data, canonical=True))
