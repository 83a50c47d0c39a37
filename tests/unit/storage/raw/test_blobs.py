"""Blob stores on a local disk and in an object store: conditional put, durability, repair of damage."""

import hashlib
import threading
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from chartly.storage.errors import BlobUnknown, Corrupt
from chartly.storage.raw.blobs import BlobStore, LocalBlobs, RemoteBlobs, checked

KEY = "t/p/ab/abc"


@pytest.fixture(params=["local", "remote"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Both kinds of store; the remote one is the object store library's in-memory store."""
    return LocalBlobs(tmp_path / "raw") if request.param == "local" else RemoteBlobs(MemoryStore(), "bucket")


def test_first_put_wins(blobs: BlobStore) -> None:
    """A second put of a key reports that the blob is not new."""
    assert blobs.put(KEY, b"content")
    assert not blobs.put(KEY, b"content")
    assert blobs.get(KEY) == b"content"


def test_range_is_read(blobs: BlobStore) -> None:
    """A range of a blob is returned."""
    blobs.put(KEY, b"0123456789")
    assert blobs.get_range(KEY, 3, 4) == b"3456"


def test_unknown_key(blobs: BlobStore) -> None:
    """Reads of an unknown key, whole or by range, are refused."""
    with pytest.raises(BlobUnknown):
        blobs.get(KEY)
    with pytest.raises(BlobUnknown):
        blobs.get_range(KEY, 0, 1)


def test_one_winner_of_many(blobs: BlobStore) -> None:
    """Of sixteen concurrent puts one reports a new blob."""
    created: list[bool] = []
    racers = [threading.Thread(target=lambda: created.append(blobs.put(KEY, b"content"))) for _ in range(16)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(created) == [False] * 15 + [True]


def test_damaged_file_is_made_good(tmp_path: Path) -> None:
    """Storing the bytes a second time replaces a damaged file, and no temporary file is left."""
    blobs = LocalBlobs(tmp_path)
    blobs.put(KEY, b"content")
    (tmp_path / KEY).write_bytes(b"c")
    blobs.put(KEY, b"content")

    assert blobs.get(KEY) == b"content"
    assert [path.name for path in (tmp_path / KEY).parent.iterdir()] == ["abc"]


def test_bytes_with_another_digest_are_corrupt() -> None:
    """Read bytes are compared with the requested digest."""
    digest = hashlib.sha256(b"content").hexdigest()
    assert checked(b"content", digest) == b"content"
    with pytest.raises(Corrupt):
        checked(b"contens", digest)


def test_link_is_the_same_file(tmp_path: Path) -> None:
    """A local blob is linked without a copy; a missing or remote blob is not."""
    local, path = LocalBlobs(tmp_path / "raw"), tmp_path / "beside"
    local.put(KEY, b"content")
    assert local.link(KEY, path)
    assert path.stat().st_ino == (tmp_path / "raw" / KEY).stat().st_ino
    assert not local.link("t/p/cd/cdef", tmp_path / "other")
    assert not RemoteBlobs(MemoryStore(), "bucket").link(KEY, tmp_path / "other")
    assert not (tmp_path / "other").exists()
