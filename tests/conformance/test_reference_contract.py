"""Contracts compared with the ``jsonschema`` package with exact decimals."""

import json
from decimal import Decimal
from typing import Any

import pytest
from generate import examples, leaves, paths, schemas, texts
from hypothesis import given
from hypothesis import strategies as st
from reference import contract as judge

from chartly.native import Contract

KEYS = texts.string_texts(st.sampled_from(paths.NAMES))
NUMBERS = st.sampled_from(["0", "1", "2", "-1", "0.5", "1.5", "0.3", "19.99", "100", "1e21", "1.0", "0.0000001", "6"])
SCALARS = st.one_of(
    st.sampled_from(["null", "true", "false"]), NUMBERS, texts.string_texts(leaves.times() | st.sampled_from(["", "a", "A", "19.99"]))
)


@examples(600)
@given(schemas.schemas(), texts.values(scalar=SCALARS, key=KEYS))
def test_violations_agree(schema: dict[str, Any], instance: str) -> None:
    """Both report the same keywords at the same places."""
    expected = judge.violations(schema, json.loads(instance, parse_float=Decimal, parse_int=Decimal))
    contract = Contract.compile(schema)
    found = {judge.Violation(one.instance_path, one.schema_path) for one in contract.violations(instance.encode())}
    assert found == expected
    assert contract.is_valid(instance.encode()) == (not expected)


@pytest.mark.parametrize(
    "text",
    [
        "0000-01-01T00:00:00.0000000000Z",
        "2026-02-02T12:00:00.12345678901234567890+01:00",
        "2016-12-31T23:59:60Z",
        "2017-01-01T00:59:60.25+01:00",
        "2016-12-31T23:58:60Z",
        "2016-12-31T22:59:60Z",
        "2026-02-02T12:00:00.Z",
        "2026-02-02T12:00:60Z",
        "0000-01-01T00:00:00+23:59",
    ],
)
def test_moments_are_read_alike(text: str) -> None:
    """Both agree on fractions of any length, leap seconds, and instants just outside of the allowed years."""
    instance = json.dumps(text)

    assert Contract.compile({"format": "date-time"}).is_valid(instance.encode()) == (not judge.violations({"format": "date-time"}, text))
