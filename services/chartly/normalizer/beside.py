"""Raw bytes that lie beside a chunk: storage gives them a second name there, so that they needn't travel. It asks nobody else for them."""

import hashlib
from pathlib import Path


def read_beside(path: Path, sha256: str) -> bytes | None:
    """Read raw bytes; None when they aren't those that were asked for. Storage, asked for them, says why."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None
