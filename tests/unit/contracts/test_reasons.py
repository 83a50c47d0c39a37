"""Reason codes: the same list in the protos, quarantine and the ledger."""

from chartly.contracts import ContractStore
from chartly.v1.error_reason_pb2 import Reason

SCALARS = "https://chartly.io/contracts/v1/canonical/scalars.json"
REASONS: list[str] = ContractStore.packaged().resources[SCALARS]["$defs"]["reason"]["enum"]


def test_contracts_know_the_reasons_of_the_wire() -> None:
    """A reason that is added to the proto is added to contracts/v1/canonical/scalars.json with a higher x-version, and packed."""
    assert set(REASONS) == {name.removeprefix("REASON_") for name, _ in Reason.items()} - {"UNSPECIFIED"}


def test_no_reason_is_repeated() -> None:
    """The list has no name twice."""
    assert len(REASONS) == len(set(REASONS))
