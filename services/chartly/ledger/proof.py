"""Proofs of inclusion and consistency: make them from a tree's hashes, and check them against root hashes alone.

Source: RFC 6962 §2.1.1-2.1.2, RFC 9162 §2.1.3-2.1.4, and for subtrees draft-ietf-plants-merkle-tree-certs §4. A check raises
the same error for every statement that is not proved, so that a caller can't treat one failure as less severe.
"""

from collections.abc import Callable, Sequence

from .layout import SIZE_MAX
from .merkle import EMPTY_ROOT, HASH_BYTES, node_hash

Range = Callable[[int, int], bytes]
"""Returns the root hash over the leaves [start, end) of a tree."""


class ProofRefusedError(ValueError):
    """The proof does not prove the statement."""


def inclusion_proof(index: int, size: int, root_of: Range) -> list[bytes]:
    """Return the hashes from leaf ``index`` to the root of the tree of ``size``, lowest first."""
    if not 0 <= index < size:
        raise ProofRefusedError
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(root_of(middle, end))
            end = middle
        else:
            path.append(root_of(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, root_of: Range) -> list[bytes]:
    """Return the hashes which prove that the tree of ``new`` leaves begins with the tree of ``old``."""
    if not 0 < old <= new:
        raise ProofRefusedError
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(root_of(middle, end))
            end = middle
        else:
            path.append(root_of(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(root_of(start, end))
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that ``leaf`` is leaf ``index`` of the tree with ``size`` leaves and ``root``.

    Raises:
        ProofRefusedError: the proof does not show this.
    """
    check_subtree_inclusion(leaf, index, (0, size), proof, root)


def check_subtree_inclusion(leaf: bytes, index: int, span: tuple[int, int], proof: Sequence[bytes], root: bytes) -> None:
    """Check that ``leaf`` is leaf ``index`` of a tree whose subtree over ``span`` has ``root``.

    Raises:
        ProofRefusedError: the proof does not show this.
    """
    start, end = span
    _require(_valid_span(start, end) and start <= index < end)
    _require_hashes([leaf, root, *proof])
    at, last, seen = index - start, end - start - 1, leaf
    for sibling in proof:
        _require(last != 0)
        if at & 1 or at == last:
            seen = node_hash(sibling, seen)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            seen = node_hash(seen, sibling)
        at, last = at >> 1, last >> 1
    _require(last == 0 and seen == root)


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of ``new`` leaves begins with the tree of ``old``.

    Every tree begins with the empty tree, so an empty old tree has an empty proof.

    Raises:
        ProofRefusedError: the proof does not show this.
    """
    if old == 0:
        _require_hashes([old_root, new_root])
        _require(new >= 0 and not proof and old_root == EMPTY_ROOT and (new > 0 or new_root == EMPTY_ROOT))
        return
    check_subtree_consistency((0, old), new, old_root, new_root, proof)


def check_subtree_consistency(span: tuple[int, int], size: int, subtree: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that a tree of ``size`` leaves with ``root`` has a subtree over ``span`` with root ``subtree``.

    Raises:
        ProofRefusedError: the proof does not show this.
    """
    start, end = span
    if start == end:
        # An empty subtree has only its own root hash, so its proof must be empty.
        _require(0 <= start <= size and not proof and subtree == EMPTY_ROOT)
        return
    _require(_valid_span(start, end) and end <= size <= SIZE_MAX)
    _require_hashes(proof)
    first, second, last = start, end - 1, size - 1
    while first != second and (second == last or second & 1):
        first, second, last = first >> 1, second >> 1, last >> 1
    rest = list(proof)
    if first == second:
        left = whole = subtree
    else:
        _require(bool(rest))
        left = whole = rest.pop(0)
    for sibling in rest:
        _require(last != 0)
        if second & 1 or second == last:
            if first < second:
                left = node_hash(sibling, left)
            whole = node_hash(sibling, whole)
            while not second & 1 and second:
                first, second, last = first >> 1, second >> 1, last >> 1
        else:
            whole = node_hash(whole, sibling)
        first, second, last = first >> 1, second >> 1, last >> 1
    _require(last == 0 and left == subtree and whole == root)


def _split(size: int) -> int:
    """Return the largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def _valid_span(start: int, end: int) -> bool:
    """Return whether a span is a subtree: it begins at a multiple of the smallest power of two that is not below its length."""
    return 0 <= start < end <= SIZE_MAX and start % (1 << (end - start - 1).bit_length()) == 0


def _require(holds: bool) -> None:  # noqa: FBT001 - reads as the condition it is
    if not holds:
        raise ProofRefusedError


def _require_hashes(hashes: Sequence[bytes]) -> None:
    _require(all(len(digest) == HASH_BYTES for digest in hashes))
