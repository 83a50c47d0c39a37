"""A commit compared with its repetition: each difference is named, and nothing counts as equal without a comparison."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from chartly.storage.model import Commit, CommitState, Counts, DatasetKey, FrozenRef, Origin, Submission, WriteMode
from chartly.storage.verify.compare import CommittedFacts, RecomputedCommit, Verdict, judge

COMMIT = Commit(
    key=DatasetKey("t", "p", "sales"),
    sequence=3,
    state=CommitState.COMMITTED,
    mode=WriteMode.APPEND,
    submission=Submission(work_key="k", submission_id="i"),
    origin=Origin(),
    storage=FrozenRef(),
    counts=Counts(records_in=5, canonical=3, duplicates=1, quarantined=1),
    reasons={},
    chunk_digest="sha256:c",
    accepted_digest="sha256:a",
    rejected_digest="sha256:r",
    content_hash="sha256:h",
    rows=9,
    delta_version=3,
    committed_at=datetime(2026, 1, 1, tzinfo=UTC),
)
RECOMPUTED = RecomputedCommit(records=5, accepted_digest="sha256:a", rejected_digest="sha256:r")
HELD = CommittedFacts(rows=3, kept_digest="sha256:c")


def test_same_commit_is_equal() -> None:
    """An equal commit has no finding."""
    assert (judge(COMMIT, RECOMPUTED, HELD).verdict, judge(COMMIT, RECOMPUTED, HELD).findings) == (Verdict.EQUAL, ())


@pytest.mark.parametrize(
    ("recomputed", "held", "words"),
    [
        ({"records": 4}, {}, "recomputing gives 4"),
        ({"accepted_digest": "sha256:x"}, {}, "accepted records is sha256:a"),
        ({"rejected_digest": "sha256:x"}, {}, "rejected records is sha256:r"),
        ({}, {"kept_digest": "sha256:x"}, "that of the table's records is sha256:x"),
        ({}, {"unlike": 1}, "1 of the table's records"),
        ({}, {"damaged": ("part-1",), "rows": 0}, "file part-1 changed"),
    ],
)
def test_every_difference_is_named(recomputed: dict[str, Any], held: dict[str, Any], words: str) -> None:
    """Each difference is one sentence, and the result is unequal."""
    judged = judge(COMMIT, replace(RECOMPUTED, **recomputed), replace(HELD, **held))
    assert judged.verdict is Verdict.UNEQUAL
    assert any(words in finding for finding in judged.findings)


def test_removed_records_are_noted_and_no_difference() -> None:
    """Records that were removed since are noted; the digests of the plan's output are compared all the same."""
    judged = judge(COMMIT, RECOMPUTED, CommittedFacts(rows=1, kept_digest="sha256:other"))
    assert (judged.verdict, len(judged.findings)) == (Verdict.EQUAL, 1)


def test_a_commit_without_digests_is_not_called_equal() -> None:
    """A commit without digests is not equal, since nothing proves it."""
    assert judge(replace(COMMIT, accepted_digest="", rejected_digest=""), RECOMPUTED, HELD).verdict is Verdict.UNCOVERED


def test_rollup_is_compared_by_its_content_hash() -> None:
    """A rollup is compared by its content hash, since it has no raw bytes or keys."""
    rollup = replace(COMMIT, mode=WriteMode.REPLACE, accepted_digest="")
    assert judge(rollup, RecomputedCommit(records=5, content_hash="sha256:h"), None).verdict is Verdict.EQUAL
    assert judge(rollup, RecomputedCommit(records=5, content_hash="sha256:x"), None).verdict is Verdict.UNEQUAL
