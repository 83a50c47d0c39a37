"""Entry bundles (C2SP tlog-tiles): up to 256 entries, each after its length as a big-endian uint16."""

import struct
from collections.abc import Sequence

from .layout import TILE_WIDTH

ENTRY_BYTES_MAX = 65_535
"""The largest uint16."""


class BundleInvalidError(ValueError):
    """The bytes are not a bundle of the expected number of entries."""


def pack(entries: Sequence[bytes]) -> bytes:
    """Return a bundle of entries.

    Raises:
        BundleInvalidError: an entry has more than 65,535 bytes, or there are more than 256 entries.
    """
    if not 0 < len(entries) <= TILE_WIDTH or any(len(entry) > ENTRY_BYTES_MAX for entry in entries):
        raise BundleInvalidError(len(entries))
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def unpack(bundle: bytes, count: int) -> list[bytes]:
    """Return the entries of a bundle of exactly ``count``.

    Raises:
        BundleInvalidError: it has fewer or more entries, or trailing bytes.
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
    """Return the bundle of the first ``count`` entries of a full bundle, equal to the partial bundle that was stored before.

    Raises:
        BundleInvalidError: the bundle is not full.
    """
    return pack(unpack(full, TILE_WIDTH)[:count])
