"""Names of the platform's contracts without a version."""

from chartly.contracts import ContractStore


def test_every_contract_of_the_platform_is_found_by_its_name() -> None:
    """A version that rises breaks no code that names a contract of the platform without its version."""
    store = ContractStore.packaged()
    for contract in store.contracts:
        assert store.get(contract.name.name) == contract
