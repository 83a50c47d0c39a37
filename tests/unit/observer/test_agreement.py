"""The comparison of datasets with their ledger entries and tables."""

import sys
from dataclasses import replace
from typing import Any

import pytest

from chartly.observer.agreement import Described, Finding, LedgerCommit, LedgerComparison, Recomputed, table_findings, unknown_dataset

DESCRIBED = Described("sales", 2, 2, "sha256:2", {"records_in": 4, "canonical": 2, "duplicates": 0, "quarantined": 2})


def entry(version: int, **facts: Any) -> LedgerCommit:
    """Return an entry of a commit of two records, one of them canonical."""
    counts = {"records_in": 2, "canonical": 1, "duplicates": 0, "quarantined": 1}
    return replace(LedgerCommit(10 + version, "sales", version, "a" * 64, f"sha256:{version}", counts), **facts)


def held_bytes(comparison: LedgerComparison) -> int:
    """Return the bytes of everything that a comparison holds, without the description."""
    return sum(sys.getsizeof(value) for value in vars(comparison).values() if not isinstance(value, Described))


def findings(entries: list[LedgerCommit], described: Described = DESCRIBED) -> list[Finding]:
    """Compare entries with a description."""
    comparison = LedgerComparison(described)
    for each in entries:
        comparison.add(each)
    return comparison.findings()


def test_agreeing_dataset_has_no_finding() -> None:
    """A dataset with agreeing table, description and ledger entries has no finding, in any order of the entries."""
    assert findings([entry(1), entry(2)]) == findings([entry(2), entry(1)]) == []
    assert list(table_findings(DESCRIBED, Recomputed(2, 2, "sha256:2", ()))) == []


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ([], "dataset sales, version 1, ledger: the ledger has no entry of 2 versions; this version is the first of them"),
        ([entry(1)], "dataset sales, version 2, ledger: the ledger has no entry of 1 versions; this version is the first of them"),
        ([entry(1), entry(2), entry(2)], "dataset sales, version 2, ledger entry 12: the ledger has an earlier entry of the same version"),
        (
            [entry(1), entry(2, content_hash="sha256:x")],
            "dataset sales, version 2, ledger entry 12: the entry has the content hash sha256:x, the dataset has sha256:2",
        ),
        (
            [entry(1), entry(2, counts={"records_in": 3, "canonical": 1})],
            "dataset sales, version 2, ledger: the ledger's entries count 5 records as records_in, the dataset counts 4",
        ),
    ],
)
def test_every_disagreement_names_dataset_version_and_place(entries: list[LedgerCommit], sentence: str) -> None:
    """A missing, repeated or different entry is one finding with dataset, version and place."""
    assert sentence in map(str, findings(entries))


def test_later_commits_are_skipped() -> None:
    """An entry of a commit after the description was read is no finding."""
    assert findings([entry(1), entry(2), entry(3)]) == []


def test_counts_begin_with_the_last_reprocess() -> None:
    """After an entry of a reprocess only its counts and later ones are summed."""
    whole = entry(2, whole=True, counts={"records_in": 4, "canonical": 2, "duplicates": 0, "quarantined": 2})
    assert findings([whole, entry(1), entry(3)], replace(DESCRIBED, version=2)) == []


def test_derived_dataset_counts_its_last_commit() -> None:
    """A derived dataset has the counts of its last commit, which replaced all rows."""
    derived = replace(DESCRIBED, derived=True, counts={"records_in": 2, "canonical": 1, "duplicates": 0, "quarantined": 1})
    assert findings([entry(1), entry(2)], derived) == []
    assert any("as canonical" in str(each) for each in findings([entry(1), entry(2, counts={"records_in": 2})], derived))


def test_a_version_takes_a_bit() -> None:
    """The first missing version of many is found with one bit of memory a version."""
    comparison = LedgerComparison(replace(DESCRIBED, version=100_000))
    for version in range(1, 100_001):
        if version != 99_998:
            comparison.add(entry(version, content_hash="sha256:2"))
    assert comparison.findings()[0].version == 99_998
    assert held_bytes(comparison) < 20_000


def test_table_is_compared_with_its_description() -> None:
    """Rows and content hash are compared at the same version only; faults that storage found are included."""
    found = list(table_findings(DESCRIBED, Recomputed(2, 3, "sha256:x", ["the index is behind"])))
    assert [(each.dataset, each.version, each.place) for each in found] == [("sales", 2, "table")] * 3
    assert list(table_findings(DESCRIBED, Recomputed(3, 9, "sha256:9", ()))) == []


def test_dataset_that_only_the_ledger_has() -> None:
    """A ledger entry of a dataset that storage does not know is a finding."""
    assert str(unknown_dataset(entry(1))) == "dataset sales, version 1, ledger entry 11: storage has no dataset of this name"
