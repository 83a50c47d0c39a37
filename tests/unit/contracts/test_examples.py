"""Valid examples of every contract pass, and invalid ones break exactly the rule that they name."""

import json
from pathlib import Path
from typing import Any

import pytest

from chartly import native
from chartly.contracts import Contract, ContractStore
from chartly.contracts.digest import canonical_json
from chartly.contracts.store import name_of
from chartly.contracts.validator import pointer

ROOT = Path(__file__).parents[3] / "contracts"
STORE = ContractStore.packaged()
VALID = sorted(ROOT.glob("v1/**/examples/valid/*.json"))
INVALID = sorted(ROOT.glob("v1/**/examples/invalid/*.json"))
# It only names types for the others, and accepts anything itself.
WITHOUT_EXAMPLES = {"canonical.scalars"}


def contract_of(example: Path) -> Contract:
    """Return the contract of an example: its name is the file's, up to ``--``."""
    folder = example.parents[2].relative_to(ROOT).as_posix()
    stem = example.stem.partition("--")[0]
    name = name_of(f"{folder}/{stem}.json", {}).name
    return next(contract for contract in STORE.contracts if contract.name.name == name)


def compiled(contract: Contract) -> native.Contract:
    """Compile a contract with the core's engine."""
    return native.Contract.compile(contract.text, resources={uri: json.dumps(schema) for uri, schema in STORE.resources.items()})


def broken(instance: Any, contract: Contract) -> list[tuple[str, str]]:
    """Return place and rule of each violation of an instance."""
    return [(pointer(violation.path), violation.rule) for violation in STORE.validator(contract.name).violations(instance)]


@pytest.mark.parametrize("example", VALID, ids=lambda path: path.stem)
def test_valid_example_breaks_nothing(example: Path) -> None:
    """A valid example meets its contract."""
    assert broken(json.loads(example.read_text("utf-8")), contract_of(example)) == []


@pytest.mark.parametrize("example", INVALID, ids=lambda path: path.stem)
def test_invalid_example_breaks_the_rule_it_names(example: Path) -> None:
    """An invalid example breaks exactly the rule in its name, at the place in its name."""
    case = json.loads(example.read_text("utf-8"))

    assert (case["breaks"]["path"], case["breaks"]["rule"]) in broken(case["instance"], contract_of(example))


@pytest.mark.parametrize("example", [*VALID, *INVALID], ids=lambda path: path.stem)
def test_core_agrees_with_the_python_engine(example: Path) -> None:
    """The compiled core and the Python engine accept the same instances."""
    case = json.loads(example.read_text("utf-8"))
    instance = case["instance"] if "invalid" in example.parts else case

    assert compiled(contract_of(example)).is_valid(canonical_json(instance)) is ("valid" in example.parts)


@pytest.mark.parametrize("contract", STORE.contracts, ids=lambda contract: str(contract.name))
def test_contract_has_examples_of_both_kinds(contract: Contract) -> None:
    """Each contract has a valid and at least three invalid examples."""
    if contract.name.name in WITHOUT_EXAMPLES:
        return
    valid = [example for example in VALID if contract_of(example).name == contract.name]
    invalid = [example for example in INVALID if contract_of(example).name == contract.name]

    assert valid
    assert len(invalid) >= 3
