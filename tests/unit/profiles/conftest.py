"""Fixtures for tests of the profile language."""

import pytest

from chartly.contracts import ContractStore


@pytest.fixture(scope="session")
def contracts() -> ContractStore:
    """Return the packaged contracts."""
    return ContractStore.packaged()
