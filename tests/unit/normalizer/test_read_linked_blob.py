"""Raw bytes that storage links into the ticket's folder are used only if they have the requested digest."""

import hashlib
from pathlib import Path

from chartly.normalizer.linked_blob import read_linked_blob


def test_linked_bytes_are_returned(tmp_path: Path) -> None:
    """A file with the requested digest is returned."""
    (tmp_path / "raw").write_bytes(b"content")
    assert read_linked_blob(tmp_path / "raw", hashlib.sha256(b"content").hexdigest()) == b"content"


def test_damaged_or_missing_file_is_none(tmp_path: Path) -> None:
    """For damaged bytes or a missing file None is returned, so the normalizer fetches the blob from storage."""
    (tmp_path / "raw").write_bytes(b"kontent")
    assert read_linked_blob(tmp_path / "raw", hashlib.sha256(b"content").hexdigest()) is None
    assert read_linked_blob(tmp_path / "other", hashlib.sha256(b"content").hexdigest()) is None
