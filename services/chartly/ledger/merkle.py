"""RFC 6962 §2.1: the hashes of leaves, nodes and trees, and a tree that grows at its right edge. Nothing is stored here."""

import hashlib
from collections.abc import Sequence

from .layout import TILE_WIDTH

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry, without any length prefix that its bundle gives it."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def subtree_root(hashes: Sequence[bytes]) -> bytes:
    """Hash 1, 2, 4, … equal-sized perfect subtrees into one.

    Raises:
        ValueError: their number is no power of two.
    """
    level = list(hashes)
    if not level or len(level) & (len(level) - 1):
        raise ValueError(len(level))
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


class GrowingTree:
    """A tree known by the partial tiles of its right edge: appending and the root cost O(log n), whatever its size."""

    def __init__(self, size: int = 0, edge: Sequence[Sequence[bytes]] = ()) -> None:
        """Take up a tree where it stands.

        Args:
            size: its entries.
            edge: the hashes of the last, not full tile of each level from 0; an empty level where the last tile is full.
        """
        self.size = size
        self.edge = [list(level) for level in edge]

    def append(self, leaf: bytes) -> list[tuple[int, list[bytes]]]:
        """Add one leaf hash; give (level, hashes) of each tile that it made full, lowest first."""
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
        """Hash the whole tree."""
        peaks = [peak for hashes in reversed(self.edge) for peak in _peaks(hashes)]
        if not peaks:
            return EMPTY_ROOT
        root = peaks[-1]
        for peak in reversed(peaks[:-1]):
            root = node_hash(peak, root)
        return root


def _peaks(hashes: Sequence[bytes]) -> list[bytes]:
    """Split a row into its perfect subtrees, largest first, and hash each."""
    found: list[bytes] = []
    start = 0
    while start < len(hashes):
        width = 1 << ((len(hashes) - start).bit_length() - 1)
        found.append(subtree_root(hashes[start : start + width]))
        start += width
    return found
