"""Turns a document into bytes and a hash: RFC 8785, then SHA-256. The caller decides what the document holds."""

import hashlib
import json
from typing import Any

from chartly import native


def canonical_json(value: Any) -> bytes:
    """Return a JSON value as RFC 8785 bytes: equal values have equal bytes."""
    return native.canonicalize(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())


def digest(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as ``sha256:`` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def content_hash(value: Any) -> str:
    """Return the digest of a JSON value's canonical bytes."""
    return digest(canonical_json(value))
