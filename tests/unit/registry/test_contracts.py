"""Contracts in the registry: immutable versions with additive changes only."""

import json
from decimal import Decimal
from typing import Any

import pytest

from chartly.platform.errors import RemoteError
from chartly.platform.rpc.clients import Clients
from chartly.v1 import registry_pb2 as pb

PROPERTIES = {"id": {"type": "string"}, "type": {"const": "tickets.ticket"}}
TICKETS: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["id", "type"],
    "additionalProperties": False,
    "properties": PROPERTIES,
}


async def put(clients: Clients, name: str, schema: object) -> pb.PutContractResponse:
    """Put a contract."""
    return await clients.registry.PutContract(pb.PutContractRequest(name=name, schema_json=json.dumps(schema)))


async def test_packaged_contract_is_there(clients: Clients) -> None:
    """A name without a version returns version 1.0.0."""
    answer = await clients.registry.GetContract(pb.GetContractRequest(name="sales.event"))

    assert answer.contract.name == "sales.event@1.0.0"
    assert answer.contract.builtin
    assert json.loads(answer.contract.schema_json)["title"] == "Sales event"


async def test_same_contract_again_changes_nothing(clients: Clients) -> None:
    """Storing the same schema with another layout returns the first version."""
    first = await put(clients, "tickets.ticket@1.0.0", TICKETS)
    again = await clients.registry.PutContract(
        pb.PutContractRequest(name="tickets.ticket", schema_json=json.dumps(dict(reversed(TICKETS.items())), indent=4))
    )

    assert first.created
    assert not again.created
    assert again.contract.content_hash == first.contract.content_hash


@pytest.mark.parametrize("name", ["tickets.ticket@1.0.0", "sales.event@1.0.0"])
async def test_other_content_under_the_same_version_is_refused(clients: Clients, name: str) -> None:
    """A stored or packaged version can't get other content."""
    await put(clients, "tickets.ticket@1.0.0", TICKETS)

    with pytest.raises(RemoteError) as refused:
        await put(clients, name, {**TICKETS, "title": "Other"})

    assert refused.value.remote_reason == "PROFILE_VERSION_TAKEN"


async def test_next_version_may_add(clients: Clients) -> None:
    """A new optional property is allowed in the next version."""
    await put(clients, "tickets.ticket@1.0.0", TICKETS)
    wider = {**TICKETS, "properties": {**PROPERTIES, "queue": {"type": "string"}}}

    answer = await put(clients, "tickets.ticket@1.1.0", wider)

    assert answer.created


async def test_next_version_may_not_take_away(clients: Clients) -> None:
    """A property can only be removed in a new major version."""
    await put(clients, "tickets.ticket@1.0.0", TICKETS)
    narrower = {**TICKETS, "required": ["type"], "properties": {"type": PROPERTIES["type"]}}

    with pytest.raises(RemoteError) as refused:
        await put(clients, "tickets.ticket@1.1.0", narrower)
    next_major = await put(clients, "tickets.ticket@2.0.0", narrower)

    assert refused.value.remote_reason == "PROFILE_INVALID"
    assert {violation.reason for violation in refused.value.violations} == {"not-additive"}
    assert next_major.created


async def test_schema_that_leads_outside_is_refused(clients: Clients) -> None:
    """A reference to another address is refused, since nothing is fetched."""
    with pytest.raises(RemoteError) as refused:
        await put(clients, "tickets.ticket", {"$ref": "https://example.com/schema.json"})

    assert [violation.reason for violation in refused.value.violations] == ["foreign-reference"]


@pytest.mark.parametrize(("name", "rule"), [("ID", "column-case"), ("_id", "column-name"), ("Raw_Line", "reserved-column")])
async def test_property_that_no_table_can_hold_is_refused(clients: Clients, name: str, rule: str) -> None:
    """A property's name must be one that a dataset's table can have a column for."""
    with pytest.raises(RemoteError) as refused:
        await put(clients, "tickets.ticket", {**TICKETS, "properties": {**PROPERTIES, name: {"type": "string"}}})

    [violation] = refused.value.violations
    assert (violation.reason, violation.field) == (rule, f"schema.properties.{'id' if name == 'ID' else name}")
    assert name in violation.description


async def test_listing_holds_packaged_and_own(clients: Clients) -> None:
    """The list has packaged contracts and those of the project, without schemas."""
    await put(clients, "tickets.ticket", TICKETS)

    listed = await clients.registry.ListContracts(pb.ListContractsRequest())

    builtin = {contract.name: contract.builtin for contract in listed.contracts}
    assert builtin["tickets.ticket@1.0.0"] is False
    assert builtin["canonical.event@1.0.0"] is True
    assert all(not contract.schema_json for contract in listed.contracts)


def bounded(maximum: str) -> str:
    """Return the text of a contract with an upper bound."""
    return json.dumps(TICKETS | {"properties": PROPERTIES | {"n": {"type": "number", "maximum": 0}}}).replace(
        '"maximum": 0', f'"maximum": {maximum}'
    )


@pytest.mark.parametrize(
    "number",
    [
        *("9223372036854775807", "-9223372036854775808.5", "9007199254740993", "0.1000000000000000055511151231257827"),
        *("1E400", "-1E400", "1e-400", "NaN", "Infinity"),
    ],
)
async def test_number_that_would_be_stored_as_another_is_refused(clients: Clients, number: str) -> None:
    """A contract's number that its canonical form can't have is refused with the number, and nothing is stored."""
    with pytest.raises(RemoteError) as refused:
        await clients.registry.PutContract(pb.PutContractRequest(name="tickets.ticket@1.0.0", schema_json=bounded(number)))

    assert refused.value.is_invalid
    [violation] = refused.value.violations
    assert violation.field == "schema_json"
    assert number in violation.description


@pytest.mark.parametrize("number", ["9007199254740992", "9223372036854775000", "-0.1", "1e308", "1E21", "5e-324", "1.0", "0", "0e999"])
async def test_number_that_a_double_holds_is_stored(clients: Clients, number: str) -> None:
    """A contract's number keeps its value, whatever its notation."""
    stored = await clients.registry.PutContract(pb.PutContractRequest(name="tickets.ticket@1.0.0", schema_json=bounded(number)))

    schema = json.loads(stored.contract.schema_json, parse_int=Decimal, parse_float=Decimal)
    assert schema["properties"]["n"]["maximum"] == Decimal(number)
