"""Plans, as Python sees them. What a profile means is tested in the plan's crate and in the conformance tests."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pytest
import yaml

from chartly.native import MalformedJson, Outcome, Plan, PlanError
from chartly.profiles import ProfileInvalid

LINES = b'{"id":"a","totals":{"amount":"1.50"}}\n\n{"id":"b"}\n[1]\n{"id":"c","totals":{"amount":2},"note":"n"}'


def table(stream: Any) -> pa.Table:
    """Read an Arrow stream."""
    return pa.RecordBatchReader.from_stream(stream).read_all()


def test_compiles_yaml_json_and_mappings_alike(profile: str, contract: dict[str, Any]) -> None:
    """The same profile is the same plan, in whatever form it comes."""
    value = yaml.safe_load(profile)
    forms = [profile, value, MappingProxyType(value), json.dumps(value)]
    assert len({Plan.compile(form, contract).hash for form in forms}) == 1
    assert Plan.compile(profile, json.dumps(contract)).fields == ["amount", "event_id", "note", "type"]


def test_a_bad_profile_is_refused_with_its_place(profile: str, contract: dict[str, Any]) -> None:
    """The error names document, place and rule."""
    with pytest.raises(PlanError) as refused:
        Plan.compile(profile.replace("toNumber", "toNumbers"), contract)
    assert (refused.value.document, refused.value.pointer) == ("profile", "/transforms/0/op")


def test_a_bad_contract_is_refused_with_its_place(profile: str) -> None:
    """Errors of the contract say so."""
    with pytest.raises(PlanError) as refused:
        Plan.compile(profile, {"minimum": "0"})
    assert (refused.value.document, refused.value.pointer) == ("contract", "/minimum")


def test_keys_given_twice_are_refused(profile: str, contract: dict[str, Any]) -> None:
    """In YAML and in JSON."""
    with pytest.raises(ProfileInvalid):
        Plan.compile(profile + "canonicalEventType: other.event\n", contract)
    with pytest.raises(MalformedJson):
        Plan.compile('{"canonicalEventType": "a.b", "canonicalEventType": "a.c"}', contract)


def test_run_gives_columns_places_and_reasons(profile: str, contract: dict[str, Any]) -> None:
    """Accepted records as typed columns, rejected ones with all reasons, both with their places."""
    outcome = Plan.compile(profile, contract).run(LINES)
    accepted, rejected = table(outcome.accepted), table(outcome.rejected)
    assert accepted.select(["event_id", "amount", "note", "raw_line", "raw_offset", "raw_length"]).to_pylist() == [
        {"event_id": "a", "amount": 1.5, "note": None, "raw_line": 1, "raw_offset": 0, "raw_length": 37},
        {"event_id": "c", "amount": 2.0, "note": "n", "raw_line": 5, "raw_offset": 54, "raw_length": 43},
    ]
    assert rejected["line"].to_pylist() == [3, 4]
    assert [[reason["reason"] for reason in record] for record in rejected["reasons"].to_pylist()] == [
        ["REQUIRED_FIELD_MISSING", "CONTRACT_VIOLATION"],
        ["MALFORMED_JSON"],
    ]
    stats = outcome.stats
    assert (stats["records"], stats["accepted"], stats["rejected"], stats["blank_lines"], stats["bytes"]) == (4, 2, 2, 1, len(LINES))


def test_canonical_text_on_demand(profile: str, contract: dict[str, Any]) -> None:
    """The text is what the record id hashes."""
    row = table(Plan.compile(profile, contract).run(LINES, canonical=True).accepted).to_pylist()[0]
    assert row["_canonical"] == '{"amount":1.5,"event_id":"a","type":"sales.event"}'
    digest = hashlib.sha256(row["_canonical"].encode()).hexdigest()
    assert row["record_id"] == f"sha256:{digest}"
    assert row["idempotency_key"].hex() == digest


def test_streams_can_be_read_again(profile: str, contract: dict[str, Any]) -> None:
    """Each access makes a new stream over the same outcome."""
    outcome = Plan.compile(profile, contract).run(LINES)
    assert table(outcome.accepted) == table(outcome.accepted)


def test_nothing_in_gives_empty_streams_with_schemas(profile: str, contract: dict[str, Any]) -> None:
    """A reader always learns the columns."""
    outcome = Plan.compile(profile, contract).run(b"")
    assert table(outcome.accepted).num_rows == table(outcome.rejected).num_rows == 0
    assert table(outcome.accepted).column_names[:2] == ["amount", "event_id"]


def test_threads_change_nothing(profile: str, contract: dict[str, Any]) -> None:
    """One plan, used by many Python threads and with many of its own, gives the same tables."""
    plan = Plan.compile(profile, contract)
    data = b"\n".join(b'{"id":"%d","totals":{"amount":"%d.5"}}' % (number, number) for number in range(60_000))

    def run(threads: int) -> Outcome:
        return plan.run(data, threads=threads)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(run, [1, 2, 5, 1]))
    tables = [table(outcome.accepted).combine_chunks() for outcome in outcomes]
    assert all(other == tables[0] for other in tables)


def test_explain_traces_a_record(profile: str, contract: dict[str, Any]) -> None:
    """Field by field, from the path to the result."""
    trace = Plan.compile(profile, contract).explain(b'{"id":"a","totals":{"amount":"1.50"}}')
    amount = next(field for field in trace["fields"] if field["field"] == "amount")
    assert (amount["path"], amount["raw"][0]["value"], amount["result"]["value"]) == ("$.totals.amount", "1.50", 1.5)
    assert trace["accepted"] is True


def test_no_thread_is_refused(profile: str, contract: dict[str, Any]) -> None:
    """Zero threads can't run anything."""
    with pytest.raises(ValueError, match="threads"):
        Plan.compile(profile, contract).run(b"", threads=0)
