"""Raw bytes that storage puts beside a chunk: taken only when they are those that were asked for."""

import hashlib
from pathlib import Path

from chartly.normalizer.beside import read_beside


def test_the_bytes_asked_for(tmp_path: Path) -> None:
    """A file with the digest is the chunk's raw bytes."""
    (tmp_path / "raw").write_bytes(b"content")
    assert read_beside(tmp_path / "raw", hashlib.sha256(b"content").hexdigest()) == b"content"


def test_other_bytes_are_none(tmp_path: Path) -> None:
    """Damaged bytes and a missing file are nothing: storage is asked, and names the damage."""
    (tmp_path / "raw").write_bytes(b"kontent")
    assert read_beside(tmp_path / "raw", hashlib.sha256(b"content").hexdigest()) is None
    assert read_beside(tmp_path / "other", hashlib.sha256(b"content").hexdigest()) is None
