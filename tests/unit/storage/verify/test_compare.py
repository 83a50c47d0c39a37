"""A commit compared with its repetition: each difference is named, and nothing counts as equal without a comparison."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from chartly.storage.model import Commit, CommitState, Counts, DatasetKey, FrozenRef, Origin, Submission, WriteMode
from chartly.storage.verify.compare import CommittedFacts, Redone, Verdict, judge

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
REDONE = Redone(records=5, accepted_digest="sha256:a", rejected_digest="sha256:r")
HELD = CommittedFacts(rows=3, kept_digest="sha256:c")


def test_same_commit_is_equal() -> None:
    """An equal commit has no finding."""
    assert (judge(COMMIT, REDONE, HELD).verdict, judge(COMMIT, REDONE, HELD).findings) == (Verdict.EQUAL, ())


@pytest.mark.parametrize(
    ("redone", "held", "words"),
    [
        ({"records": 4}, {}, "doing it again gives 4"),
        ({"accepted_digest": "sha256:x"}, {}, "accepted records was sha256:a"),
        ({"rejected_digest": "sha256:x"}, {}, "rejected records was sha256:r"),
        ({}, {"kept_digest": "sha256:x"}, "the table's come to sha256:x"),
        ({}, {"unlike": 1}, "1 of the table's records"),
        ({}, {"damaged": ("part-1",), "rows": 0}, "bytes of part-1"),
    ],
)
def test_every_difference_is_named(redone: dict[str, Any], held: dict[str, Any], words: str) -> None:
    """Each difference is one sentence, and the result is unequal."""
    judged = judge(COMMIT, replace(REDONE, **redone), replace(HELD, **held))
    assert judged.verdict is Verdict.UNEQUAL
    assert any(words in finding for finding in judged.findings)


def test_removed_records_are_noted_and_no_difference() -> None:
    """Records that were removed since are noted; the digests of the plan's output are compared all the same."""
    judged = judge(COMMIT, REDONE, CommittedFacts(rows=1, kept_digest="sha256:other"))
    assert (judged.verdict, len(judged.findings)) == (Verdict.EQUAL, 1)


def test_a_commit_without_digests_is_not_called_equal() -> None:
    """A commit without digests is not equal, since nothing proves it."""
    assert judge(replace(COMMIT, accepted_digest="", rejected_digest=""), REDONE, HELD).verdict is Verdict.UNCOVERED


def test_rollup_is_compared_by_its_content_hash() -> None:
    """A rollup is compared by its content hash, since it has no raw bytes or keys."""
    rollup = replace(COMMIT, mode=WriteMode.REPLACE, accepted_digest="")
    assert judge(rollup, Redone(records=5, content_hash="sha256:h"), None).verdict is Verdict.EQUAL
    assert judge(rollup, Redone(records=5, content_hash="sha256:x"), None).verdict is Verdict.UNEQUAL
