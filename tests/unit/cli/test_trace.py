"""The text output of a trace."""

import pytest

from chartly.cli.trace import samples_of, show_trace
from chartly.native import Plan

PROFILE = {
    "canonicalEventType": "t",
    "requiredFields": ["id"],
    "mapping": {"id": "$.id", "price": {"path": "$.price", "transforms": [{"op": "trim"}, {"op": "toNumber"}]}},
}
CONTRACT = {"properties": {"price": {"maximum": 10}}}


def lines_of(record: bytes, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines of a record's trace, with single spaces."""
    show_trace(Plan.compile(PROFILE, CONTRACT).explain(record))
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_samples_are_one_text_or_lines() -> None:
    """A record over several lines is one sample; a Unicode line separator within a string does not end a line."""
    assert samples_of('{\n "id": 1}\n') == ['{\n "id": 1}\n']
    assert samples_of('{"id": "a\u2028b\x85c"}\r\n\n{"id": 2}\n') == ['{"id": "a\u2028b\x85c"}\r', '{"id": 2}']


def test_accepted_record(capsys: pytest.CaptureFixture[str]) -> None:
    """Each field is shown with its place, its steps and its result."""
    lines = lines_of(b'{"id": "a", "price": " 2.50"}', capsys)

    assert lines[0].startswith("accepted sha256:")
    assert lines[2:] == [
        'id $.id "a" at 7 "a" ok',
        'price $.price " 2.50" at 21 trim "2.50" → toNumber 2.5 2.5 ok',
        'type "t" ok',
    ]


def test_children(capsys: pytest.CaptureFixture[str]) -> None:
    """Each child of an exploded record is shown with its values' places; ``@`` is the child."""
    profile = {"canonicalEventType": "t", "explode": "$.lines[*]", "requiredFields": ["no"], "mapping": {"id": "$.id", "no": "@.no"}}
    show_trace(Plan.compile(profile, {}).explain(b'{"id": 7, "lines": [{"no": 1}, {}]}'))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.strip()]

    assert lines[0] == "1 of 2 children accepted"
    assert lines[1].startswith("child 1: accepted sha256:")
    assert lines[3:5] == ["id $.id 7 at 7 7 ok", "no @.no 1 at 27 1 ok"]
    assert lines[6] == "child 2: quarantined REQUIRED_FIELD_MISSING requiredFields no"


def test_more_than_is_shown_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """The number of nodes and children beyond the bound is shown."""
    profile = {"canonicalEventType": "t", "explode": "$.lines[*]", "mapping": {"n": "@", "all": {"path": "$.lines[*]", "collect": True}}}
    record = b'{"lines": [' + b", ".join(b"1" for _ in range(103)) + b"]}"
    show_trace(Plan.compile(profile, {}).explain(record))
    text = " ".join(capsys.readouterr().out.split())

    assert text.startswith("100 of 100 children shown accepted")
    assert "and 3 more" in text
    assert text.endswith("and 3 more children")


def test_rejected_record(capsys: pytest.CaptureFixture[str]) -> None:
    """All reasons are shown, at the record and at their fields, with the rule that a step broke."""
    lines = lines_of(b'{"price": "many"}', capsys)

    assert lines[0] == "quarantined TRANSFORM_FAILED toNumber/not_a_number price; REQUIRED_FIELD_MISSING requiredFields id"
    assert lines[2] == "id $.id absent absent REQUIRED_FIELD_MISSING requiredFields id"
    assert lines[3].endswith("toNumber/not_a_number toNumber/not_a_number TRANSFORM_FAILED toNumber/not_a_number price")


def test_record_without_children_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    """A record that is exploded into nothing is not counted as "0 of 0 accepted"."""
    show_trace(Plan.compile({"canonicalEventType": "t", "explode": "$.items[*]", "mapping": {"id": "@.id"}}, {}).explain(b'{"items": []}'))

    assert capsys.readouterr().out.strip() == "no record tested: explode selects no children of this record"


def test_records_of_a_page_that_are_left_out_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """The last trace of a long page says how many records it does not show."""
    show_trace(Plan.compile(PROFILE, CONTRACT).explain(b'{"id": "a"}') | {"records_left_out": 3.0})

    assert capsys.readouterr().out.splitlines()[-1] == "and 3 more records"
