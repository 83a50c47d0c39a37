"""Violations of a JSON body that doesn't fit its message."""

from typing import Any

import pytest

from chartly.platform.json.body import faults
from chartly.platform.rpc.bindings import find


def faults_of(path: str, body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return place and rule of each fault of a body that is posted to a path."""
    binding = find("POST", path)
    assert binding is not None
    return [(fault.field, fault.reason) for fault in faults(binding.message, body)]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/query", {}),
        ("/v1/query", {"sql": "SELECT 1", "rows_max": "7"}),
        ("/v1/query", {"sql": "SELECT 1", "rowsMax": 7}),
        ("/v1/query", {"sql": None}),
        ("/v1/workflows", {"name": "a", "spec": {"anything": [{"goes": 1}]}}),
        ("/v1/auth/tokens", {"principal": "user:a", "roles": ["reader"], "lifetimeS": "3600"}),
    ],
)
def test_what_the_transcoder_reads_has_no_fault(path: str, body: dict[str, Any]) -> None:
    """Both spellings of names, numbers as text, nulls and any members of a Struct are accepted."""
    assert faults_of(path, body) == []


def test_all_unknown_members_are_reported() -> None:
    """Each unknown member is reported with its place, in the body's order."""
    assert faults_of("/v1/query", {"sqk": "SELECT 1", "sql": "SELECT 1", "": 1}) == [("sqk", "unknown-key"), ("", "unknown-key")]


def test_member_of_a_list_is_reported_with_its_index() -> None:
    """Unknown members of nested messages are reported with the index in their list."""
    body = {"result": {"quarantine_reasons": [{"reason": "MALFORMED_JSON"}, {"raeson": "x"}], "counts": {"nothing": 1}}}

    assert faults_of("/api/results", body) == [
        ("result.quarantine_reasons.1.raeson", "unknown-key"),
        ("result.counts.nothing", "unknown-key"),
    ]


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/v1/query", {"sql": 3}, "sql"),
        ("/v1/query", {"sql": ["SELECT 1"]}, "sql"),
        ("/v1/query", {"rows_max": {}}, "rows_max"),
        ("/v1/query", {"rows_max": True}, "rows_max"),
        ("/v1/query", {"rows_max": "many"}, "rows_max"),
        ("/v1/query", {"versions": "orders"}, "versions"),
        ("/api/results", {"result": "done"}, "result"),
        ("/api/results", {"result": {"quarantine_reasons": [1]}}, "result.quarantine_reasons.0"),
    ],
)
def test_value_of_another_type_is_reported_with_its_field(path: str, body: dict[str, Any], place: str) -> None:
    """A value of the wrong type is reported with its field, not with the whole body."""
    assert faults_of(path, body) == [(place, "type")]
