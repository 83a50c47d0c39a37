"""Stored records meet ``canonical.event`` and ``canonical.quarantine_record``: one record as a whole, the others by column."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from msgspec.structs import replace

from chartly.storage.errors import EnvelopeInvalid
from chartly.storage.model import Commit, CommitState, Counts, DatasetKey, FrozenRef, Origin, Submission, WriteMode
from chartly.storage.table.digests import digest_column
from chartly.storage.table.envelope import canonical_rows, quarantine_rows
from chartly.storage.table.record_contracts import declared_content_type

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
COMMIT = Commit(
    key=DatasetKey("tenant-demo", "proj-sales", "sales"),
    sequence=1,
    state=CommitState.PREPARED,
    mode=WriteMode.APPEND,
    submission=Submission(work_key="1" * 64, submission_id="run_1", run_id="run_1"),
    origin=Origin(source_id="shop", raw_sha256="a" * 64, captured_at=NOW, normalizer=FrozenRef(ref="r", hash=f"sha256:{'b' * 64}")),
    storage=FrozenRef(),
    counts=Counts(),
    reasons={},
    chunk_digest="",
    content_hash="",
    rows=0,
    delta_version=-1,
    committed_at=NOW,
)
DIGEST = f"sha256:{'c' * 64}"
VIOLATION = {"reason": "CONTRACT_VIOLATION", "field": "amount", "path": "/amount", "rule": "/properties/amount"}


def accepted(**columns: list[Any]) -> pa.Table:
    """Return three records as a plan writes them."""
    instants = pa.array([NOW, None, NOW], pa.timestamp("us", "UTC"))
    made = {
        "record_id": [DIGEST] * 3,
        "idempotency_key": [b"k"] * 3,
        "raw_line": [1, 2, 3],
        "raw_offset": [0, 10, 20],
        "raw_length": [9, 9, 9],
        "type": ["sales.event"] * 3,
        "occurred_at": instants,
        "amount": [1.0, 2.0, 3.0],
    }
    return pa.table(made | columns)


def rejected(**columns: list[Any]) -> pa.Table:
    """Return two records as a plan rejects them."""
    return pa.table({"line": [1, 2], "offset": [0, 10], "length": [9, 9], "reasons": [[VIOLATION], [VIOLATION] * 2]} | columns)


def with_origin(**facts: Any) -> Commit:
    """Return the commit with another origin."""
    return replace(COMMIT, origin=replace(COMMIT.origin, **facts))


def test_records_of_a_plan_meet_the_contracts() -> None:
    """Records of a plan meet the contracts; one without an instant has that of its raw bytes."""
    assert canonical_rows(accepted(), COMMIT).num_rows == 3
    held_back = quarantine_rows(rejected(), None, None, COMMIT)
    assert held_back is not None
    assert held_back.num_rows == 2


FAR = pa.array([0, 0, 2**62], pa.int64()).cast(pa.timestamp("us", "UTC"))


@pytest.mark.parametrize(
    ("rows", "commit", "path"),
    [
        (accepted(raw_offset=[0, -1, 20]), COMMIT, "/raw_ref/offset"),
        (accepted(raw_offset=[0, 10, 2**53]), COMMIT, "/raw_ref/offset"),
        (accepted(raw_length=[9, None, 9]), COMMIT, "/raw_ref/length"),
        (accepted(type=["sales.event", "sales.event", "other.event"]), COMMIT, "/type"),
        (accepted(type=["sales event"] * 3), COMMIT, "/payload/type"),
        (accepted(record_id=["sha256:" + "C" * 64] * 3), COMMIT, "/record_id"),
        (accepted(occurred_at=FAR), COMMIT, "/occurred_at"),
        (accepted(**{"a\nb": [1, 2, 3]}), COMMIT, "/payload"),
        (accepted(), with_origin(source_id="my shop"), "/source_id"),
        (accepted(), with_origin(raw_sha256="A" * 64), "/raw_ref/sha256"),
        (accepted(), with_origin(normalizer=FrozenRef(hash="sha256:1")), "/profile_hash"),
    ],
)
def test_record_that_breaks_the_contract_is_refused(rows: pa.Table, commit: Commit, path: str) -> None:
    """A chunk with one invalid record is refused with contract and place."""
    with pytest.raises(EnvelopeInvalid) as refused:
        canonical_rows(rows, commit)
    assert refused.value.contract == "canonical.event"
    assert refused.value.path.startswith(path) or path.startswith(refused.value.path)


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        (rejected(line=[1, 0]), "/line"),
        (rejected(offset=[0, -1]), "/raw_ref/offset"),
        (rejected(reasons=[[VIOLATION], []]), "/violations"),
        (rejected(reasons=[[VIOLATION], [VIOLATION | {"reason": "BAD_LUCK"}]]), "/violations"),
    ],
)
def test_quarantined_record_that_breaks_the_contract_is_refused(rows: pa.Table, path: str) -> None:
    """Rows of the quarantine table are checked by their contract."""
    with pytest.raises(EnvelopeInvalid) as refused:
        quarantine_rows(rows, None, None, COMMIT)
    assert (refused.value.contract, refused.value.path) == ("canonical.quarantine_record", path)


def test_long_violations_are_cut_to_the_contract() -> None:
    """Violations beyond the contract's bounds are cut, and the record is quarantined."""
    long = VIOLATION | {"path": "/" + "é" * 3000}
    held_back = quarantine_rows(rejected(reasons=[[long], [VIOLATION] * 1001]), None, None, COMMIT)
    assert held_back is not None
    first, second = held_back["reasons"].to_pylist()
    assert (len(first), len(first[0]["path"]), first[0]["rule"], len(second)) == (1, 2048, VIOLATION["rule"], 1000)


@pytest.mark.parametrize("value", ["sha256:" + "C" * 64, "sha256:" + "g" * 64, "sha256:" + "c" * 63, "c" * 71])
def test_record_id_that_is_no_digest_is_refused(value: str) -> None:
    """Each record id must be 64 lower-case hexadecimal digits."""
    with pytest.raises(ValueError, match="digest"):
        digest_column(pa.chunked_array([pa.array([DIGEST, value])]))


@pytest.mark.parametrize(
    ("declared", "kept"),
    [
        ("text/csv; charset=utf-8", "text/csv; charset=utf-8"),
        ("", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
        ("text/" + "x" * 200, "application/octet-stream"),
    ],
)
def test_content_type_of_a_blob_meets_the_contract(declared: str, kept: str) -> None:
    """A content type that is not a media type is stored as none."""
    assert declared_content_type(declared) == kept
