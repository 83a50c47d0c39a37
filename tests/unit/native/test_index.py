"""Deduplication and content hashes over Arrow columns. The index's crate tests crashes."""

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from chartly.native import ContentHash, DedupeIndex, IndexDamaged, IndexLocked, IndexStale, dedupe, digest, digest_many


def ids(*numbers: int) -> pa.Array:
    """Return a column of 32-byte values."""
    return pa.array([hashlib.sha256(bytes([number])).digest() for number in numbers], pa.binary(32))


def as_text(column: pa.Array) -> pa.Array:
    """Return record ids as the text that tables have."""
    return pa.array([f"sha256:{value.hex()}" for value in column.to_pylist()])


def held(index: DedupeIndex, keys: pa.Array) -> list[Any]:
    """Return the record ids of keys as Python values."""
    return pa.array(index.probe(keys)).to_pylist()


def test_digests_are_sha_256() -> None:
    """A message and columns of bytes or text have their SHA-256."""
    assert digest(b"abc") == hashlib.sha256(b"abc").digest()
    for column in (pa.array([b"a", b"", b"abc"]), pa.array(["a", "", "abc"]), pa.array([b"a", b"", b"abc"], pa.large_binary())):
        want = [hashlib.sha256(text).digest() for text in (b"a", b"", b"abc")]
        assert pa.array(digest_many(column)).to_pylist() == want
    with pytest.raises(ValueError, match="null"):
        digest_many(pa.array([b"a", None]))


def test_an_index_keeps_applied_commits(tmp_path: Path) -> None:
    """Keys, record ids and watermark are present after reopening."""
    index = DedupeIndex.open(tmp_path / "index")
    assert (index.watermark(), index.count(), held(index, ids(1))) == (None, 0, [None])
    index.apply(ids(1, 2), ids(11, 12), watermark=3)
    index.apply(ids(3), as_text(ids(13)), watermark=4, removed=ids(1))
    index.close()
    index = DedupeIndex.open(tmp_path / "index")
    assert held(index, ids(1, 2, 3)) == [None, *ids(12, 13).to_pylist()]
    assert (index.watermark(), index.count()) == (4, 2)
    with pytest.raises(IndexStale) as refused:
        index.apply(ids(9), ids(9), watermark=3)
    assert (refused.value.held, refused.value.given) == (4, 3)


def test_an_index_is_open_once(tmp_path: Path) -> None:
    """An index can't be opened twice, and a closed index refuses calls."""
    index = DedupeIndex.open(tmp_path / "index")
    with pytest.raises(IndexLocked):
        DedupeIndex.open(tmp_path / "index")
    index.close()
    DedupeIndex.open(tmp_path / "index").close()
    with pytest.raises(ValueError, match="closed"):
        index.watermark()


def test_a_damaged_index_is_refused(tmp_path: Path) -> None:
    """Damage has an error of its own, as it requires a rebuild."""
    DedupeIndex.open(tmp_path / "index").close()
    (tmp_path / "index" / "CURRENT").write_text("99\n")
    with pytest.raises(IndexDamaged):
        DedupeIndex.open(tmp_path / "index")


def test_a_rebuild_replaces_the_index(tmp_path: Path) -> None:
    """A rebuild changes nothing before it is finished."""
    index = DedupeIndex.open(tmp_path / "index")
    index.apply(ids(1), ids(1), watermark=1)
    rebuild = index.rebuild()
    rebuild.add(ids(2, 3), as_text(ids(2, 3)))
    assert held(index, ids(1, 2)) == [ids(1).to_pylist()[0], None]
    rebuild.finish(7)
    assert (index.count(), index.watermark(), held(index, ids(1))) == (2, 7, [None])
    with pytest.raises(ValueError, match="ended"):
        rebuild.finish(8)
    index.clear()
    assert (index.count(), index.watermark()) == (0, None)


def test_columns_of_another_type_are_refused(tmp_path: Path) -> None:
    """Columns must have values of 32 bytes and no nulls."""
    index = DedupeIndex.open(tmp_path / "index")
    for keys in (pa.array([b"short"]), pa.array([None], pa.binary(32)), pa.array([1])):
        with pytest.raises(ValueError, match="keys"):
            index.probe(keys)
    with pytest.raises(ValueError, match="record id"):
        index.apply(ids(1), pa.array(["sha256:zz"]), watermark=1)


@pytest.mark.parametrize(
    ("policy", "verdicts", "keep", "conflicts"),
    [
        ("first", [0, 3, 2, 3], [True, False, False, False], [False] * 4),
        ("last", [3, 0, 2, 1], [False, True, False, True], [False] * 4),
        ("quarantine", [0, 4, 2, 4], [True, False, False, False], [False, True, False, True]),
    ],
)
def test_dedupe_decides_by_policy(policy: Any, verdicts: list[int], keep: list[bool], conflicts: list[bool]) -> None:
    """The policy decides about other content under the same key, in the batch and in the dataset."""
    keys, records = ids(1, 1, 2, 3), ids(11, 12, 20, 31)
    held = pa.array([None, None, *ids(20, 30).to_pylist()], pa.binary(32))
    decided = dedupe(keys, as_text(records), held, policy)
    assert pa.array(decided.verdicts).to_pylist() == verdicts
    assert pa.array(decided.keep).to_pylist() == keep
    assert pa.array(decided.conflicts).to_pylist() == conflicts
    counts = [decided.new_count, decided.replaces_count, decided.duplicate_count, decided.superseded_count, decided.conflict_count]
    assert counts == [verdicts.count(verdict) for verdict in range(5)]


def test_content_hash_is_of_the_set() -> None:
    """Order and chunks don't matter, removing undoes adding, and the state can be stored."""
    whole, parts = ContentHash(), ContentHash()
    whole.add(ids(1, 2, 3), ids(4, 5, 6))
    parts.add(ids(3), as_text(ids(6)))
    kept = ContentHash(parts.state())
    rest = ContentHash()
    rest.add(ids(2, 1), ids(5, 4))
    kept.merge(rest)
    assert kept.hexdigest() == whole.hexdigest() == whole.digest().hex()
    kept.remove(ids(3), ids(6))
    assert kept.state() == rest.state()
    assert hashlib.sha256(kept.state()).digest() == kept.digest()
    with pytest.raises(ValueError, match="2048"):
        ContentHash(b"short")
    with pytest.raises(ValueError, match="2 keys"):
        whole.add(ids(1, 2), ids(1))
