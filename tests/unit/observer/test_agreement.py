"""Whether datasets, ledger and raw blobs tell the same story."""

from dataclasses import replace

import pytest

from chartly.observer.agreement import Commit, Kept, Recomputed, ledger_faults, table_faults, unknown_datasets


def commit(version: int, **facts: object) -> Commit:
    """A commit of two records, one of them canonical."""
    counts = {"records_in": 2, "canonical": 1, "duplicates": 0, "quarantined": 1}
    made = Commit("sales", version, f"key-{version}", "a" * 64, f"sha256:{version}", counts)
    return replace(made, **facts)  # type: ignore[arg-type]


COMMITS = [commit(1), commit(2)]
KEPT = Kept("sales", 2, 2, "sha256:2", {"records_in": 4, "canonical": 2, "duplicates": 0, "quarantined": 2})


def test_what_agrees_has_no_fault() -> None:
    """A dataset whose table, description and ledger entries are of one mind is clean."""
    assert not list(ledger_faults(KEPT, COMMITS))
    assert not list(table_faults(KEPT, Recomputed(2, 2, "sha256:2", ())))
    assert not list(unknown_datasets([KEPT], COMMITS))


@pytest.mark.parametrize(
    ("commits", "words"),
    [
        ([], "no entry of 2 of its versions, first of 1"),
        ([commit(2)], "no entry of 1 of its versions, first of 1"),
        ([*COMMITS, commit(2)], "2 entries of commit key-2"),
        ([commit(1), commit(2, content_hash="sha256:x")], "the ledger's sha256:x"),
        ([commit(1), commit(2, counts={"records_in": 3, "canonical": 1})], "come to 5 records as records_in, its own count is 4"),
    ],
)
def test_every_disagreement_is_named(commits: list[Commit], words: str) -> None:
    """What is missing, double or different in the ledger is said in one sentence."""
    assert any(words in fault for fault in ledger_faults(KEPT, commits))


def test_later_commits_are_left_out() -> None:
    """What was committed after the description was read is no fault."""
    assert not list(ledger_faults(KEPT, [*COMMITS, commit(3)]))


def test_table_is_held_against_its_description() -> None:
    """Rows and content hash are compared at the same version only; storage's own faults are passed on."""
    assert len(list(table_faults(KEPT, Recomputed(2, 3, "sha256:x", ["the index is behind"])))) == 3
    assert not list(table_faults(KEPT, Recomputed(3, 9, "sha256:9", ())))


def test_dataset_that_only_the_ledger_knows_is_named() -> None:
    """A dataset that vanished is a fault."""
    assert list(unknown_datasets([], COMMITS)) == ["dataset sales: the ledger has commits of it, and storage doesn't know it"]


def test_derived_dataset_counts_its_last_commit() -> None:
    """Each commit replaces the whole: earlier counts are gone, and an earlier content may come back under its key."""
    derived = replace(KEPT, derived=True, counts={"records_in": 2, "canonical": 1, "duplicates": 0, "quarantined": 1})
    assert not list(ledger_faults(derived, [commit(1, work_key="key-2"), commit(2)]))
    assert any("as canonical" in fault for fault in ledger_faults(derived, [commit(1), commit(2, counts={"records_in": 2})]))
