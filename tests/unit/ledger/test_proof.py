"""Proofs of the library, verified by its checker and by a recursive definition of the tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartly.ledger import proof
from chartly.ledger.merkle import EMPTY_ROOT, GrowingTree, leaf_hash, node_hash


def plain_root(leaves: list[bytes]) -> bytes:
    """Return the root by the definition in RFC 6962 §2.1."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(plain_root(leaves[:split]), plain_root(leaves[split:]))


def leaves_of(size: int) -> list[bytes]:
    """Return leaf hashes."""
    return [leaf_hash(str(i).encode()) for i in range(size)]


@given(st.integers(0, 700))
def test_a_growing_tree_has_the_plain_root(size: int) -> None:
    """The root from tiles equals the root by definition at each size."""
    tree, leaves = GrowingTree(), leaves_of(size)
    for leaf in leaves:
        tree.append(leaf)
    assert tree.root() == plain_root(leaves)


@given(st.integers(1, 300).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_every_leaf_has_a_proof_that_holds_for_no_other(case: tuple[int, int]) -> None:
    """An inclusion proof verifies its leaf at its position, and no other."""
    size, index = case
    leaves = leaves_of(size)
    path = proof.inclusion_proof(index, size, lambda start, end: plain_root(leaves[start:end]))
    proof.check_inclusion(leaves[index], index, size, path, plain_root(leaves))
    with pytest.raises(proof.ProofRefusedError):
        proof.check_inclusion(leaf_hash(b"other"), index, size, path, plain_root(leaves))


@given(st.integers(1, 300).flatmap(lambda new: st.tuples(st.integers(1, new), st.just(new))))
def test_consistency_proof_verifies_two_roots(case: tuple[int, int]) -> None:
    """A consistency proof verifies its two roots, and no changed one."""
    old, new = case
    leaves = leaves_of(new)
    path = proof.consistency_proof(old, new, lambda start, end: plain_root(leaves[start:end]))
    roots = plain_root(leaves[:old]), plain_root(leaves)
    proof.check_consistency(old, new, *roots, path)
    with pytest.raises(proof.ProofRefusedError):
        proof.check_consistency(old, new, leaf_hash(b"other"), roots[1], path)
