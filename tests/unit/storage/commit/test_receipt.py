"""Receipts of a committed chunk for different submissions."""

from datetime import UTC, datetime

import pytest

from chartly.storage.commit.receipt import answer
from chartly.storage.model import Commit, CommitState, Counts, DatasetKey, FrozenRef, Origin, Submission, WriteMode


@pytest.fixture
def commit() -> Commit:
    """Return a commit of ten records, by the first work item of the first run."""
    return Commit(
        key=DatasetKey("t", "p", "d"),
        sequence=3,
        state=CommitState.COMMITTED,
        mode=WriteMode.APPEND,
        submission=Submission(work_key="k", submission_id="item-1", run_id="run-1"),
        origin=Origin(),
        storage=FrozenRef(),
        counts=Counts(records_in=10, canonical=7, duplicates=1, quarantined=2),
        reasons={"CONTRACT_VIOLATION": 2},
        chunk_digest="",
        content_hash="",
        rows=7,
        delta_version=1,
        committed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def ask(commit: Commit, item: str, run: str) -> Counts:
    """Return the counts in a submission's receipt."""
    receipt = answer(commit, Submission(work_key="k", submission_id=item, run_id=run))
    assert receipt.counts.adds_up
    return receipt.counts


def test_committing_submission_gets_the_counts_of_the_commit(commit: Commit) -> None:
    """The submission that committed always gets the commit's counts and reasons."""
    assert ask(commit, "item-1", "run-1") == commit.counts


def test_other_submission_of_the_run_gets_duplicates(commit: Commit) -> None:
    """Another submission of the same run counts all records as duplicates."""
    assert ask(commit, "item-2", "run-1") == Counts(records_in=10, duplicates=10)


def test_submission_of_another_run_gets_replayed(commit: Commit) -> None:
    """A submission of another run counts all records as replayed."""
    assert ask(commit, "item-9", "run-2") == Counts(records_in=10, replayed=10)


def test_submissions_outside_of_runs_are_not_one_run(commit: Commit) -> None:
    """Two submissions without a run are different runs: the second counts as replayed."""
    assert ask(commit, "item-9", "") == Counts(records_in=10, replayed=10)
