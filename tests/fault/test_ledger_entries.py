"""The comparison of versions with ledger entries finds every disagreement. It starts no process."""

import pytest

from .ledger_entries import entry_faults


def test_one_entry_a_version_agrees() -> None:
    """One entry for each version agrees, in any order."""
    assert entry_faults({"sales": 3, "visits": 1, "empty": 0}, [("sales", 2), ("visits", 1), ("sales", 1), ("sales", 3)]) == ()


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ([("sales", 2)], "version 1 of sales has no ledger entry"),
        ([("sales", 1)], "version 2 of sales has no ledger entry"),
        ([("sales", 1), ("sales", 2), ("sales", 2)], "version 2 of sales has 2 ledger entries"),
        ([("sales", 1), ("sales", 2), ("sales", 3)], "the ledger has an entry of version 3 of sales, which is none"),
        ([("sales", 1), ("sales", 2), ("visits", 1)], "the ledger has an entry of version 1 of visits, which is none"),
    ],
)
def test_disagreement_is_named(entries: list[tuple[str, int]], fault: str) -> None:
    """A missing, a repeated and an unknown entry are one fault each."""
    assert entry_faults({"sales": 2}, entries) == (fault,)
