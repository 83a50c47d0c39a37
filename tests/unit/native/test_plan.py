"""Plans from Python. The plan's crate and the conformance tests test the meaning of profiles."""

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
    """Return an Arrow stream as a table."""
    return pa.RecordBatchReader.from_stream(stream).read_all()


def test_compiles_yaml_json_and_mappings_alike(profile: str, contract: dict[str, Any]) -> None:
    """A profile as YAML text, JSON text or mapping compiles to the same plan."""
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
    """The error of a contract names the contract."""
    with pytest.raises(PlanError) as refused:
        Plan.compile(profile, {"minimum": "0"})
    assert (refused.value.document, refused.value.pointer) == ("contract", "/minimum")


def test_repeated_keys_are_refused(profile: str, contract: dict[str, Any]) -> None:
    """A profile that repeats a key is refused, in YAML and in JSON."""
    with pytest.raises(ProfileInvalid):
        Plan.compile(profile + "canonicalEventType: other.event\n", contract)
    with pytest.raises(MalformedJson):
        Plan.compile('{"canonicalEventType": "a.b", "canonicalEventType": "a.c"}', contract)


def test_columns_have_the_types_of_the_tables(profile: str, contract: dict[str, Any]) -> None:
    """A plan names its columns and their types as PyArrow names those of its accepted records."""
    plan = Plan.compile(profile, json.dumps(contract))
    schema = pa.table(plan.run(b"").accepted).schema

    assert plan.columns == {name: str(schema.field(name).type) for name in plan.columns}
    assert [*plan.columns] == schema.names[: len(plan.columns)]


def test_every_type_has_its_name() -> None:
    """The name of each type of column is that of PyArrow."""
    schemas: dict[str, Any] = {
        "text": {"type": "string"},
        "json": {},
        "float": {"type": "number"},
        "whole": {"type": "integer"},
        "truth": {"type": "boolean"},
        "instant": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "money": {"type": "string"},
    }
    mapping = {name: f"$.{name}" for name in schemas}
    transforms = [{"op": "toDecimal", "field": "money", "precision": 38, "scale": 7}]
    plan = Plan.compile({"canonicalEventType": "t", "mapping": mapping, "transforms": transforms}, {"properties": schemas})
    accepted = pa.table(plan.run(b"").accepted).schema

    assert plan.columns == {name: str(accepted.field(name).type) for name in [*schemas, "type"]}


def test_run_returns_columns_places_and_reasons(profile: str, contract: dict[str, Any]) -> None:
    """Accepted records are typed columns, rejected ones have all reasons, and both have their places."""
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
    """The record id is the hash of the canonical text."""
    row = table(Plan.compile(profile, contract).run(LINES, canonical=True).accepted).to_pylist()[0]
    assert row["_canonical"] == '{"amount":1.5,"event_id":"a","type":"sales.event"}'
    digest = hashlib.sha256(row["_canonical"].encode()).hexdigest()
    assert row["record_id"] == f"sha256:{digest}"
    assert row["idempotency_key"].hex() == digest


def test_streams_can_be_read_again(profile: str, contract: dict[str, Any]) -> None:
    """Each access makes a new stream over the same outcome."""
    outcome = Plan.compile(profile, contract).run(LINES)
    assert table(outcome.accepted) == table(outcome.accepted)


def test_empty_input_gives_empty_streams_with_schemas(profile: str, contract: dict[str, Any]) -> None:
    """Empty streams have their schema."""
    outcome = Plan.compile(profile, contract).run(b"")
    assert table(outcome.accepted).num_rows == table(outcome.rejected).num_rows == 0
    assert table(outcome.accepted).column_names[:2] == ["amount", "event_id"]


def test_results_do_not_depend_on_threads(profile: str, contract: dict[str, Any]) -> None:
    """Many Python threads, and many threads of a run, give the same tables."""
    plan = Plan.compile(profile, contract)
    data = b"\n".join(b'{"id":"%d","totals":{"amount":"%d.5"}}' % (number, number) for number in range(60_000))

    def run(threads: int) -> Outcome:
        return plan.run(data, threads=threads)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(run, [1, 2, 5, 1]))
    tables = [table(outcome.accepted).combine_chunks() for outcome in outcomes]
    assert all(other == tables[0] for other in tables)


def test_explain_traces_a_record(profile: str, contract: dict[str, Any]) -> None:
    """The trace has each field from its path to its result."""
    trace = Plan.compile(profile, contract).explain(b'{"id":"a","totals":{"amount":"1.50"}}')
    amount = next(field for field in trace["fields"] if field["field"] == "amount")
    assert (amount["path"], amount["raw"][0]["value"], amount["result"]["value"]) == ("$.totals.amount", "1.50", 1.5)
    assert trace["accepted"] is True


def test_zero_threads_are_refused(profile: str, contract: dict[str, Any]) -> None:
    """A run needs at least one thread."""
    with pytest.raises(ValueError, match="threads"):
        Plan.compile(profile, contract).run(b"", threads=0)


def outcomes(contract: dict[str, Any], values: list[str], **spec: Any) -> tuple[list[Any], list[tuple[int, str, str]]]:
    """Return the column ``v`` of what is accepted, and line, reason and rule of what is rejected; ``values`` are JSON texts."""
    plan = Plan.compile({"canonicalEventType": "case", "mapping": {"v": "$.v"}} | spec, {"properties": {"v": contract}})
    outcome = plan.run("".join(f'{{"v":{value}}}\n' for value in values).encode())
    rejected = table(outcome.rejected).to_pylist()
    column = table(outcome.accepted).column("v")
    return column.to_pylist(), [(row["line"], row["reasons"][0]["reason"], row["reasons"][0]["rule"]) for row in rejected]


@pytest.mark.parametrize("transforms", [[], [{"op": "toUtcTimestamp", "field": "v"}]], ids=["as-given", "in-utc"])
def test_column_of_instants_holds_the_years_that_every_reader_has(transforms: list[dict[str, str]]) -> None:
    """The first and last instants of the years 1 to 9999 in UTC are accepted; those beyond are rejected at the format's place."""
    inside = [
        "0001-01-01T00:00:00Z",
        "0001-01-01T01:00:00+01:00",
        "0000-12-31T23:30:00-00:30",
        "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59.999999999Z",
    ]
    outside = ["0001-01-01T00:00:00+01:00", "0000-12-31T23:59:59Z", "0000-02-29T00:00:00Z"]

    found, rejected = outcomes({"type": "string", "format": "date-time"}, [f'"{text}"' for text in inside + outside], transforms=transforms)

    assert [instant.isoformat() for instant in found] == [
        "0001-01-01T00:00:00+00:00",
        "0001-01-01T00:00:00+00:00",
        "0001-01-01T00:00:00+00:00",
        "9999-12-31T23:59:59.999999+00:00",
        "9999-12-31T23:59:59.999999+00:00",
    ]
    assert rejected == [(line, "CONTRACT_VIOLATION", "/properties/v/format") for line in (6, 7, 8)]


def test_column_of_instants_refuses_what_ends_after_the_year_9999() -> None:
    """An offset that leads beyond the year 9999, and the leap second at its end, are rejected."""
    values = ['"9999-12-31T23:59:59-00:01"', '"9999-12-31T23:59:60Z"', '"9999-12-31T23:59:59+00:01"']

    found, rejected = outcomes({"type": ["string", "null"], "format": "date-time"}, values)

    assert len(found) == 1
    assert [line for line, _, _ in rejected] == [1, 2]


def test_column_of_dates_begins_with_the_year_1() -> None:
    """Dates of the year 0 are rejected, those of the years 1 to 9999 accepted."""
    found, rejected = outcomes({"type": "string", "format": "date"}, ['"0000-12-31"', '"0000-02-29"', '"0001-01-01"', '"9999-12-31"'])

    assert [day.isoformat() for day in found] == ["0001-01-01", "9999-12-31"]
    assert rejected == [(line, "CONTRACT_VIOLATION", "/properties/v/format") for line in (1, 2)]


def test_faithful_print_of_a_double_is_that_double() -> None:
    """A fraction in 17 digits, as many programs print a double, is accepted as the double; its neighbours aren't."""
    values = ["-73.668450000000007", "0.10000000000000001", "1234567.8899999999", "-73.668450000000008", "0.100000000000000005"]

    found, rejected = outcomes({"type": "number", "maximum": 1234567.89, "minimum": -73.66845}, values)

    assert found == [-73.66845, 0.1, 1234567.89]
    assert rejected == [(line, "PRECISION_LOSS", "number/precision_loss") for line in (4, 5)]
