"""Entry bundles (C2SP tlog-tiles): up to 256 entries, each behind its length as a big-endian uint16."""

import struct
from collections.abc import Sequence

from .layout import TILE_WIDTH

ENTRY_BYTES_MAX = 65_535
"""What a uint16 can tell."""


class BundleInvalidError(ValueError):
    """The bytes are no bundle of the expected number of entries."""


def pack(entries: Sequence[bytes]) -> bytes:
    """Write a bundle.

    Raises:
        BundleInvalidError: an entry is longer than its length can tell, or there are more than fit.
    """
    if not 0 < len(entries) <= TILE_WIDTH or any(len(entry) > ENTRY_BYTES_MAX for entry in entries):
        raise BundleInvalidError(len(entries))
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def unpack(bundle: bytes, count: int) -> list[bytes]:
    """Read a bundle of exactly ``count`` entries.

    Raises:
        BundleInvalidError: it has fewer, more, or bytes left over.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        if at + 2 > len(bundle):
            raise BundleInvalidError(count)
        (length,) = struct.unpack_from(">H", bundle, at)
        at += 2
        if at + length > len(bundle):
            raise BundleInvalidError(count)
        entries.append(bundle[at : at + length])
        at += length
    if len(entries) != count:
        raise BundleInvalidError(count)
    return entries


def beginning(full: bytes, count: int) -> bytes:
    """Give the bundle of a full bundle's first ``count`` entries, as it was before the others came.

    Raises:
        BundleInvalidError: it isn't full.
    """
    return pack(unpack(full, TILE_WIDTH)[:count])
