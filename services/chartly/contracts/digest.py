"""The one way a document becomes bytes and a hash: RFC 8785, then SHA-256. It doesn't decide what belongs into the document."""

import hashlib
import json
from typing import Any

from chartly import native


def canonical_json(value: Any) -> bytes:
    """Write a JSON value as RFC 8785 has it: equal values are equal bytes."""
    return native.canonicalize(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())


def digest(data: bytes) -> str:
    """Tell the SHA-256 of ``data`` as ``sha256:`` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def content_hash(value: Any) -> str:
    """Tell the digest over a JSON value's canonical bytes."""
    return digest(canonical_json(value))
