"""Which records of a chunk are new to a dataset."""

import hashlib
from collections.abc import Mapping

import pyarrow as pa
import pytest

from chartly.storage.dedupe.decide import DecidedChunk, decide_appended, look_up_after
from chartly.storage.dedupe.index_content import expired_ids
from chartly.storage.errors import StagedFileInvalid
from chartly.storage.model import Counts, DedupePolicy


def digest(name: str) -> bytes:
    """Return a digest that stands for a key or a record id."""
    return hashlib.sha256(name.encode()).digest()


def rows(*records: tuple[str, str]) -> pa.Table:
    """Return accepted records of these keys and contents."""
    return pa.table(
        {
            "idempotency_key": pa.array([digest(key) for key, _ in records], pa.binary()),
            "record_id": [f"sha256:{digest(content).hex()}" for _, content in records],
            "raw_offset": pa.array(range(len(records)), pa.int64()),
        }
    )


def decide(accepted: pa.Table, held: Mapping[str, bytes], policy: DedupePolicy = "first", *, admit_expired: bool = False) -> DecidedChunk:
    """Decide a chunk against a dataset that holds these record ids by key."""
    by_key = {digest(key): record_id for key, record_id in held.items()}

    def look_up(keys: pa.Array) -> pa.Array:
        return pa.array([by_key.get(key) for key in keys.to_pylist()], pa.binary(32))

    return decide_appended(accepted, None, policy=policy, look_up=look_up, content_state=b"", admit_expired=admit_expired)


def test_new_keys_enter() -> None:
    """Records whose keys the dataset lacks are canonical."""
    chunk = decide(rows(("a", "1"), ("b", "2")), {})
    assert chunk.counts == Counts(records_in=2, canonical=2)
    assert chunk.keys.to_pylist() == [digest("a"), digest("b")]
    assert chunk.rows_added == 2


def test_a_key_that_the_dataset_holds_is_a_duplicate() -> None:
    """A record with a held key and the same content is a duplicate under every policy."""
    for policy in ("first", "last", "quarantine"):
        chunk = decide(rows(("a", "1"), ("b", "2")), {"a": digest("1")}, policy)
        assert chunk.counts == Counts(records_in=2, canonical=1, duplicates=1)


def test_other_content_follows_the_policy() -> None:
    """A record with a held key and other content is a duplicate, a replacement or a conflict."""
    held = {"a": digest("1")}
    assert decide(rows(("a", "2")), held, "first").counts == Counts(records_in=1, duplicates=1)
    replaced = decide(rows(("a", "2")), held, "last")
    assert (replaced.counts, replaced.rows_added) == (Counts(records_in=1, canonical=1), 0)
    assert replaced.replaced_keys.to_pylist() == [digest("a")]
    conflict = decide(rows(("a", "2")), held, "quarantine")
    assert conflict.counts == Counts(records_in=1, quarantined=1)
    assert conflict.conflicts is not None


def test_an_expired_key_stays_out() -> None:
    """A record whose key retention removed goes into quarantine."""
    chunk = decide(rows(("a", "1"), ("b", "2")), {"a": expired_ids(1)[0].as_py()})
    assert chunk.counts == Counts(records_in=2, canonical=1, quarantined=1)
    assert chunk.expired is not None
    assert chunk.expired.num_rows == 1


def test_an_expired_key_may_be_admitted() -> None:
    """A record whose key retention removed is new if the caller admits it."""
    chunk = decide(rows(("a", "1")), {"a": expired_ids(1)[0].as_py()}, admit_expired=True)
    assert (chunk.counts, chunk.rows_added) == (Counts(records_in=1, canonical=1), 1)


def test_chunks_of_a_group_see_each_other() -> None:
    """The second chunk of a group finds the keys of the first one, which are in no index yet."""
    first = decide(rows(("a", "1")), {})
    look_up = look_up_after([first], lambda keys: pa.nulls(len(keys), pa.binary(32)))
    second = decide_appended(rows(("a", "1"), ("b", "2")), None, policy="first", look_up=look_up, content_state=first.content.state())
    assert second.counts == Counts(records_in=2, canonical=1, duplicates=1)
    assert second.content.hexdigest() == decide(rows(("a", "1"), ("b", "2")), {}).content.hexdigest()


def test_a_digest_must_be_one() -> None:
    """A record id that is not a SHA-256 digest is refused."""
    broken = rows(("a", "1")).set_column(1, "record_id", pa.array(["sha256:00"]))
    with pytest.raises(StagedFileInvalid):
        decide(broken, {})
