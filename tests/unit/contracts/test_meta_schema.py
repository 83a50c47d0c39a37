"""Schemas that can be contracts."""

from typing import Any

import pytest

from chartly.contracts import ContractStore, check_schema
from chartly.contracts.formats import FORMATS
from chartly.contracts.meta_schema import CONTRACT_BYTES_MAX, subschemas

STORE = ContractStore.packaged()


def rules(schema: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rules that a schema breaks."""
    return [(found.pointer, found.rule) for found in check_schema(schema, frozenset({"https://chartly.io/contracts/v1/x.json"}))]


def nested(levels: int) -> dict[str, Any]:
    """Nest a schema."""
    schema: dict[str, Any] = {}
    for _ in range(levels - 1):
        schema = {"not": schema}
    return schema


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({"type": "text"}, ("/type", "no-alternative")),
        ({"properties": {"a": {"minLength": -1}}}, ("/properties/a/minLength", "too-small")),
        ({"required": "a"}, ("/required", "type")),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, ("/$schema", "dialect")),
        ({"$ref": "https://example.invalid/other.json"}, ("/$ref", "foreign-reference")),
        ({"items": {"$dynamicRef": "https://example.invalid/other.json#a"}}, ("/items/$dynamicRef", "foreign-reference")),
        ({"properties": {"a": {"format": "e-mail"}}}, ("/properties/a/format", "unknown-format")),
        (nested(65), ("", "too-deep")),
        ({"description": "x" * CONTRACT_BYTES_MAX}, ("", "too-large")),
    ],
)
def test_invalid_schema_is_refused_with_its_place(schema: dict[str, Any], found: tuple[str, str]) -> None:
    """Each broken rule is reported at the keyword that breaks it."""
    assert found in rules(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        nested(64),
        {"$id": "https://chartly.io/contracts/v1/y.json", "$ref": "x.json#/$defs/a"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "string", "format": "email"}}},
        {"properties": {"$ref": {"type": "string"}}, "examples": [{"$ref": "https://example.invalid/"}]},
    ],
)
def test_contracts_pass(schema: dict[str, Any]) -> None:
    """References within a contract and to known contracts, standard formats, and property names like keywords pass."""
    assert rules(schema) == []


@pytest.mark.parametrize("contract", STORE.contracts, ids=lambda contract: str(contract.name))
def test_packaged_contract_is_one(contract: Any) -> None:
    """Every packaged contract is valid JSON Schema, and refers to packaged contracts only."""
    assert check_schema(contract.schema, frozenset(STORE.resources)) == []


@pytest.mark.parametrize("contract", STORE.contracts, ids=lambda contract: str(contract.name))
def test_packaged_contract_is_described_and_bounded(contract: Any) -> None:
    """Each property has a description, each object has additionalProperties, each list and map has a bound."""
    base = f"https://chartly.io/contracts/v1/{contract.schema_id.removeprefix('https://chartly.io/contracts/v1/')}"
    assert contract.schema_id == base
    assert contract.schema["title"]
    assert contract.schema["description"]
    for place, schema in subschemas(contract.schema):
        if {"if", "then", "else", "allOf", "anyOf", "oneOf", "not"} & set(place) or not schema:
            continue  # conditions speak of properties that are described elsewhere
        for name, described in schema.get("properties", {}).items():
            assert described.get("description"), f"{place} {name} has no description"
        if schema.get("type") == "object":
            assert {"additionalProperties", "maxProperties", "properties"} & set(schema), f"{place} is unbounded"
        if schema.get("type") == "array":
            assert "maxItems" in schema, f"{place} has no end"
        assert schema.get("format", "date-time") in FORMATS.checkers
