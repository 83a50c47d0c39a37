"""Hashes of leaves, nodes and trees (RFC 6962 §2.1), and a tree that grows at its right edge. It stores nothing."""

import hashlib
from collections.abc import Sequence

from .layout import TILE_WIDTH

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry, without the length that precedes it in a bundle."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the parent of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def subtree_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root hash of 1, 2, 4, … perfect subtrees of equal size.

    Raises:
        ValueError: their number is not a power of two.
    """
    level = list(hashes)
    if not level or len(level) & (len(level) - 1):
        raise ValueError(len(level))
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


class GrowingTree:
    """A tree represented by the partial tiles of its right edge. Appending and the root hash cost O(log n)."""

    def __init__(self, size: int = 0, edge: Sequence[Sequence[bytes]] = ()) -> None:
        """Continue a tree of known size.

        Args:
            size: the number of its entries.
            edge: for each level from 0, the hashes of the last tile if it is not full; else an empty list.
        """
        self.size = size
        self.edge = [list(level) for level in edge]

    def append(self, leaf: bytes) -> list[tuple[int, list[bytes]]]:
        """Append one leaf hash. Return (level, hashes) of each tile that is full now, lowest level first."""
        full: list[tuple[int, list[bytes]]] = []
        level, carried = 0, leaf
        while True:
            if level == len(self.edge):
                self.edge.append([])
            self.edge[level].append(carried)
            if len(self.edge[level]) < TILE_WIDTH:
                break
            full.append((level, self.edge[level]))
            carried = subtree_root(self.edge[level])
            self.edge[level] = []
            level += 1
        self.size += 1
        return full

    def root(self) -> bytes:
        """Return the root hash of the tree."""
        peaks = [peak for hashes in reversed(self.edge) for peak in _peaks(hashes)]
        if not peaks:
            return EMPTY_ROOT
        root = peaks[-1]
        for peak in reversed(peaks[:-1]):
            root = node_hash(peak, root)
        return root


def _peaks(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the root hashes of a row's perfect subtrees, largest first."""
    found: list[bytes] = []
    start = 0
    while start < len(hashes):
        width = 1 << ((len(hashes) - start).bit_length() - 1)
        found.append(subtree_root(hashes[start : start + width]))
        start += width
    return found
