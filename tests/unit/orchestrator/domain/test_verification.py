"""Sums of a verification, and storage compared with the ledger."""

from chartly.orchestrator.domain.verification import VerificationSums, ledger_findings

KEPT = {"work_key": "k", "chunk_digest": "sha256:c", "accepted_digest": ""}


def test_one_unequal_part_makes_the_run_unequal() -> None:
    """One unequal part makes the run unequal, and its first finding is the first difference."""
    sums = VerificationSums().plus("equal", []).plus("unequal", ["The first.", "The second."]).plus("unequal", ["The third."])
    assert (sums.verdict, sums.parts, sums.equal, sums.unequal, sums.first_difference) == ("unequal", 3, 1, 2, "The first.")


def test_nothing_compared_is_not_equal() -> None:
    """A run without a comparable part is not equal."""
    assert VerificationSums().verdict == VerificationSums().plus("uncovered", ["Why."]).verdict == "uncovered"


def test_the_ledger_must_have_the_commit_with_its_digests() -> None:
    """A commit must have a ledger entry with the same digests; a digest that one side never stored is no difference."""
    assert ledger_findings(KEPT, {"work_key": "k", "chunk_digest": "sha256:c", "accepted_digest": "sha256:a"}) == []
    assert ledger_findings(KEPT, {"work_key": "k", "chunk_digest": "sha256:x"}) == [
        "The ledger's chunk_digest is sha256:x, storage keeps sha256:c."
    ]
    assert ledger_findings(KEPT, None) == ["The ledger has no entry of this commit."]
