"""Every contract that ships is used: code checks documents against it, or a contract that is used refers to it."""

import ast
import json
from pathlib import Path

import pytest

from chartly.contracts import Contract, ContractStore
from chartly.contracts.meta_schema import subschemas
from chartly.profiles.packaged import texts

ROOT = Path(__file__).parents[3]
STORE = ContractStore.packaged()
BY_NAME = {contract.name.name: contract for contract in STORE.contracts}
LOG_LINE = Path("tests/unit/contracts/test_log_line.py")
"""A check of every line at run time would cost more than the line: a test holds the one writer of all lines to the contract."""
CHECKED_BY = {
    "canonical.audit_record": Path("services/chartly/audit/entry.py"),
    "canonical.event": Path("services/chartly/storage/table/record_contracts.py"),
    "canonical.quarantine_record": Path("services/chartly/storage/table/record_contracts.py"),
    "canonical.raw_ref": Path("services/chartly/storage/table/record_contracts.py"),
    "profiles.analytics": Path("services/chartly/profiles/schema_rules.py"),
    "profiles.connector": Path("services/chartly/profiles/schema_rules.py"),
    "profiles.normalizer": Path("services/chartly/profiles/schema_rules.py"),
    "profiles.storage": Path("services/chartly/profiles/schema_rules.py"),
    "profiles.workflow": Path("services/chartly/profiles/schema_rules.py"),
    "profiles.workflow_request": Path("services/chartly/profiles/workflow.py"),
    "reports.chart_config": Path("services/chartly/analytics/chart_config.py"),
    "reports.export_manifest": Path("services/chartly/reporter/report_maker.py"),
    "reports.report_request": Path("services/chartly/reporter/report_maker.py"),
    "reports.report_result": Path("services/chartly/reporter/report_maker.py"),
    "telemetry.log_line": LOG_LINE,
}
"""The module that checks documents against a contract, by the contract's name."""
KINDS = {"profiles.analytics", "profiles.connector", "profiles.normalizer", "profiles.storage"}
"""Contracts whose name the code makes from a profile's kind."""


def referred(contract: Contract) -> set[str]:
    """Return the contracts that a contract's ``$ref`` lead to, without itself."""
    ids = {known.schema_id: known.name.name for known in STORE.contracts}
    found: set[str] = set()
    for _, part in subschemas(contract.schema):
        target = str(part.get("$ref", "")).partition("#")[0]
        found |= {name for uri, name in ids.items() if target and uri.endswith("/" + target.removeprefix("../"))}
    return found - {contract.name.name}


def domains() -> set[str]:
    """Return the contracts that packaged normalizer profiles validate their records with."""
    documents = "\n".join(texts().values())
    names = {contract.name.name for contract in STORE.contracts if "/canonical/domains/" in contract.schema_id}
    return {name for name in names if f"canonicalEventType: {name}" in documents}


def used() -> set[str]:
    """Return the contracts that are used, and those that they refer to."""
    found = set(CHECKED_BY) | domains()
    waiting = list(found)
    while waiting:
        fresh = referred(BY_NAME[waiting.pop()]) - found
        found |= fresh
        waiting += fresh
    return found


def test_every_contract_is_used() -> None:
    """Every shipped contract is used."""
    assert {contract.name.name for contract in STORE.contracts} - used() == set()


@pytest.mark.parametrize("name", sorted(CHECKED_BY))
def test_a_contract_is_checked_where_the_table_says(name: str) -> None:
    """The module in the table names the contract and calls a validator, and is imported by code that runs."""
    tree = ast.parse((ROOT / CHECKED_BY[name]).read_text("utf-8"))
    constants = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    called = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
    assert name in constants or (name in KINDS and {"profiles.", name.partition(".")[2]} <= constants)
    assert called & {"violations", "is_valid"}


def test_withdrawn_contracts_are_gone() -> None:
    """The list of withdrawn contracts names none that ships, and has a reason for each."""
    withdrawn: dict[str, str] = json.loads((ROOT / "contracts/withdrawn.json").read_text("utf-8"))
    assert withdrawn
    assert not [path for path in withdrawn if (ROOT / "contracts" / path).exists()]
    assert all(reason.endswith(".") for reason in withdrawn.values())


def test_an_unused_contract_is_found() -> None:
    """A contract that nothing refers to is reported as unused."""
    assert referred(BY_NAME["canonical.scalars"]) == set()
    assert referred(BY_NAME["canonical.event"]) == {"canonical.scalars", "canonical.raw_ref"}
