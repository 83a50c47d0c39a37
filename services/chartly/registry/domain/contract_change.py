"""Check that a new contract is valid, that tables can hold its properties, and that it only adds to neighbouring versions. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from chartly import native
from chartly.contracts import Contract, ContractInvalid, ContractName, InstanceViolation, check_schema, column_violations
from chartly.contracts.compatibility import breaking_changes

_VERSION_RULE = "version-not-raised"


def check_contract(contract: Contract, others: Iterable[Contract], resources: Mapping[str, Mapping[str, Any]]) -> None:
    """Check a new version by the rules for schemas, and against the other versions of its name.

    Raises:
        ContractInvalid: with every violation.
    """
    found = (
        check_schema(contract.schema, frozenset(resources)) or _engine_violations(contract, resources) or column_violations(contract.schema)
    )
    if not found:
        lower, higher = _neighbours(contract.name, others)
        found = [*_added(lower, contract), *_added(contract, higher)]
    if found:
        raise ContractInvalid(str(contract.name), violations=tuple(violation.as_field_violation("schema") for violation in found))


def _engine_violations(contract: Contract, resources: Mapping[str, Mapping[str, Any]]) -> list[InstanceViolation]:
    try:
        native.Contract.compile(contract.schema, resources=resources)
    except native.ContractError as refused:
        return [InstanceViolation((), "not-compilable", str(refused))]
    return []


def _neighbours(name: ContractName, others: Iterable[Contract]) -> tuple[Contract | None, Contract | None]:
    """Return the next lower and the next higher version of the same major version."""
    same = sorted((other for other in others if _is_sibling(other.name, name)), key=lambda other: _order(other.name))
    lower = [other for other in same if _order(other.name) < _order(name)]
    higher = [other for other in same if _order(other.name) > _order(name)]
    return (lower[-1] if lower else None), (higher[0] if higher else None)


def _is_sibling(other: ContractName, name: ContractName) -> bool:
    return other.name == name.name and _order(other)[0] == _order(name)[0]


def _order(name: ContractName) -> tuple[int, int, int, bool, str]:
    """Return a sort key for versions: a pre-release comes before its release, pre-releases in the order of their text."""
    numbers, _, pre_release = name.version.partition("-")
    major, minor, patch = (int(part) for part in numbers.split("."))
    return major, minor, patch, not pre_release, pre_release


def _added(old: Contract | None, new: Contract | None) -> list[InstanceViolation]:
    if old is None or new is None:
        return []
    changes = breaking_changes(old.schema, new.schema)
    return [
        InstanceViolation((), "not-additive", f"{change.place or '/'} from {old.name} to {new.name}: {change.rule}")
        for change in changes
        if change.rule != _VERSION_RULE  # the name contains the version here
    ]
