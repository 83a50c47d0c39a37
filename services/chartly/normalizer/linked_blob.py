"""Read a chunk's raw bytes from its staging folder, where storage links them, so that they need no transfer."""

import hashlib
from pathlib import Path


def read_linked_blob(path: Path, sha256: str) -> bytes | None:
    """Return the raw bytes; None if they don't have the digest. Storage then reports the cause."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None
