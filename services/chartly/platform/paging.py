"""Pages of a List method (AIP-158): bounded sizes, and tokens that only the list which gave them takes.

A token holds where the last page ended and a digest of the request's other fields, so that changing a filter between two pages is
refused instead of skipping items. It is no secret and no capability: each page is authorized like the first.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.message import Message

from .errors import InvalidArgument, Violations, error

T = TypeVar("T")

# A screen and a half; clients that want more say so.
SIZE_DEFAULT = 100
_DIGEST_BYTES = 8


@error(reason="BAD_PAGE_TOKEN")
class BadPageToken(InvalidArgument):
    """The page token is not one that this list gave for these filters."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one page asks for."""

    size: int
    after: str
    """Key of the last item of the page before; empty for the first page."""
    digest: bytes

    def cut(self, rows: Sequence[T], key: Callable[[T], str]) -> tuple[Sequence[T], str]:
        """Split ``size + 1`` rows into the page and the token of the next one; the token is empty when nothing follows."""
        kept = rows[: self.size]
        if len(rows) <= self.size or not kept:
            return kept, ""
        return kept, base64.urlsafe_b64encode(self.digest + key(kept[-1]).encode()).decode().rstrip("=")


def page_of(request: Message, size_max: int = 1_000) -> Page:
    """Read ``page_size`` and ``page_token`` of a List request.

    Raises:
        InvalidRequest: ``page_size`` is negative or above ``size_max``.
        BadPageToken: the token is not of this list with these filters.
    """
    size, token = int(request.page_size), str(request.page_token)  # type: ignore[attr-defined]  # every List request has both
    found = Violations()
    if not 0 <= size <= size_max:
        found.add("page_size", f"must be from 0 to {size_max}")
    found.raise_if_any()
    digest = _digest(request)
    if not token:
        return Page(size or SIZE_DEFAULT, "", digest)
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        after = raw[_DIGEST_BYTES:].decode()
    except (binascii.Error, UnicodeDecodeError) as unreadable:
        raise BadPageToken from unreadable
    if raw[:_DIGEST_BYTES] != digest or not after:
        raise BadPageToken
    return Page(size or SIZE_DEFAULT, after, digest)


def _digest(request: Message) -> bytes:
    """Digest a request's type and filters: everything but size and token."""
    bare = type(request)()
    bare.CopyFrom(request)
    bare.ClearField("page_size")
    bare.ClearField("page_token")
    text = request.DESCRIPTOR.full_name.encode() + b"\0" + bare.SerializeToString(deterministic=True)
    return hashlib.sha256(text).digest()[:_DIGEST_BYTES]
