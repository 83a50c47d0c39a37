"""Which version of a contract a name without one means."""

from chartly.contracts import ContractStore
from chartly.contracts.model import Contract, ContractName


def test_validator_of_a_name_without_version_is_the_newest() -> None:
    """1.10.0 is newer than 1.9.0; a name with a version means that version."""
    versions = ("1.9.0", "1.10.0", "1.0.0")
    store = ContractStore([Contract(ContractName("a.b", version), {"const": version}) for version in versions])
    assert store.validator("a.b").violations("1.10.0") == []
    assert store.validator("a.b@1.9.0").violations("1.9.0") == []


def test_every_contract_of_the_platform_is_found_by_its_name() -> None:
    """A version that rises breaks no code that names a contract of the platform without its version."""
    store = ContractStore.packaged()
    for contract in store.contracts:
        store.validator(contract.name.name)
