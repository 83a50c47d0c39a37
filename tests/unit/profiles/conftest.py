"""What the tests of the profile language share."""

import pytest

from chartly.contracts import ContractStore


@pytest.fixture(scope="session")
def contracts() -> ContractStore:
    """Return the packaged contracts."""
    return ContractStore.packaged()
