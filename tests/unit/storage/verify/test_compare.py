"""What was committed against what doing it again gives: every difference has its sentence, and what is missing is not called equal."""

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


def test_what_is_the_same_is_equal() -> None:
    """With nothing to say about it."""
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
    """In one sentence, and the verdict is unequal."""
    judged = judge(COMMIT, replace(REDONE, **redone), replace(HELD, **held))
    assert judged.verdict is Verdict.UNEQUAL
    assert any(words in finding for finding in judged.findings)


def test_records_that_went_since_are_said_and_no_difference() -> None:
    """The digests of the plan's output still are compared."""
    judged = judge(COMMIT, REDONE, CommittedFacts(rows=1, kept_digest="sha256:other"))
    assert (judged.verdict, len(judged.findings)) == (Verdict.EQUAL, 1)


def test_a_commit_without_digests_is_not_called_equal() -> None:
    """There is nothing that proves it."""
    assert judge(replace(COMMIT, accepted_digest="", rejected_digest=""), REDONE, HELD).verdict is Verdict.UNCOVERED


def test_a_rollup_is_held_against_its_content_hash() -> None:
    """It has no raw bytes and no keys."""
    rollup = replace(COMMIT, mode=WriteMode.REPLACE, accepted_digest="")
    assert judge(rollup, Redone(records=5, content_hash="sha256:h"), None).verdict is Verdict.EQUAL
    assert judge(rollup, Redone(records=5, content_hash="sha256:x"), None).verdict is Verdict.UNEQUAL
