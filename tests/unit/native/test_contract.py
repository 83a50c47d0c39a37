"""Contracts over bytes. The suites test the meaning of each keyword."""

import pytest

from chartly.native import Contract, ContractError, MalformedJson, Violation

SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string", "minLength": 1}, "at": {"type": "string", "format": "date-time"}},
}


def test_a_valid_instance_has_no_violations() -> None:
    """`is_valid` and `violations` agree."""
    contract = Contract.compile(SCHEMA)
    instance = b'{"id": "a", "at": "2026-01-01T00:00:00Z"}'
    assert contract.is_valid(instance)
    assert contract.violations(instance) == []


def test_violations_name_both_places() -> None:
    """All violations are reported in order, formats included, without values."""
    contract = Contract.compile(SCHEMA)
    instance = b'{"at": "yesterday"}'
    found = contract.violations(instance)
    assert not contract.is_valid(instance)
    assert [(each.instance_path, each.schema_path, each.keyword) for each in found] == [
        ("", "/required", "required"),
        ("/at", "/properties/at/format", "format"),
    ]
    assert "yesterday" not in repr(found)
    assert isinstance(found[0], Violation)
    assert len({*found, *found}) == len(found)


@pytest.mark.parametrize("schema", ['{"type": "integer"}', "type: integer\n", {"type": "integer"}])
def test_compiles_json_yaml_and_mappings(schema: str | dict[str, str]) -> None:
    """JSON text, YAML text and a mapping compile to the same contract."""
    contract = Contract.compile(schema)
    assert contract.is_valid(b"3")
    assert not contract.is_valid(b"3.5")


def test_a_boolean_is_a_contract() -> None:
    """The schema `false` accepts no instance."""
    assert not Contract.compile(False).is_valid(b"1")  # noqa: FBT003 - the schema itself


def test_references_lead_only_to_resources() -> None:
    """A `$ref` leads only to given resources; nothing is fetched."""
    schema = {"$ref": "https://chartly.test/money"}
    contract = Contract.compile(schema, resources={"https://chartly.test/money": {"type": "number", "minimum": 0}})
    assert [found.schema_path for found in contract.violations(b"-1")] == ["/$ref/minimum"]
    with pytest.raises(ContractError) as refused:
        Contract.compile(schema)
    assert refused.value.rule == "reference"


def test_an_invalid_schema_is_refused_with_its_place() -> None:
    """The error has a JSON Pointer into the schema."""
    with pytest.raises(ContractError) as refused:
        Contract.compile({"properties": {"a": {"type": "text"}}})
    assert (refused.value.pointer, refused.value.rule) == ("/properties/a/type", "schema")


def test_a_repeated_key_is_refused() -> None:
    """A schema that repeats a key is malformed."""
    with pytest.raises(MalformedJson):
        Contract.compile('{"type": "string", "type": "number"}')


def test_an_instance_with_a_repeated_key_is_refused() -> None:
    """A contract reads its instance whole, so a repeated key is malformed anywhere in it."""
    contract = Contract.compile(True)  # noqa: FBT003 - the schema itself
    with pytest.raises(MalformedJson) as refused:
        contract.is_valid(b'[{"a": 1, "a": 2}]')
    assert (refused.value.offset, refused.value.rule) == (10, "duplicate-key")
    with pytest.raises(MalformedJson):
        contract.violations(b'[{"a": 1, "a": 2}]')
