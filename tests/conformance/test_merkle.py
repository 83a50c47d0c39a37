"""The public vectors for RFC 6962 proofs, valid and invalid ones."""

import base64
import json
import os
import pathlib
from typing import Any, cast

import pytest

from chartly.ledger import proof
from chartly.ledger.proof import ProofRefusedError

SUITES = pathlib.Path(os.environ.get("CHARTLY_SUITES") or pathlib.Path(__file__).resolve().parents[3] / "shared" / "suites")
VECTORS = sorted((SUITES / "merkle" / "testdata").glob("**/*.json"))
# The suite as published; fewer would mean that vectors went missing, not that all passed.
VECTORS_COUNT = 518
REFUSED_COUNT = 482


def decoded(text: str | None) -> bytes:
    """Decode a hash of a vector."""
    return base64.b64decode(text or "")


def check(kind: str, vector: dict[str, Any]) -> None:
    """Check one vector with the checker of its kind."""
    hashes = [decoded(text) for text in cast("list[str]", vector["proof"] or [])]
    match kind:
        case "inclusion":
            leaf, root = decoded(vector["leafHash"]), decoded(vector["root"])
            proof.check_inclusion(leaf, vector["leafIdx"], vector["treeSize"], hashes, root)
        case "consistency":
            roots = decoded(vector["root1"]), decoded(vector["root2"])
            proof.check_consistency(vector["size1"], vector["size2"], *roots, hashes)
        case "subtreeinclusion":
            leaf, span = decoded(vector["leafHash"]), (vector["start"], vector["end"])
            proof.check_subtree_inclusion(leaf, vector["leafIdx"], span, hashes, decoded(vector["root"]))
        case "subtreeconsistency":
            roots, span = (decoded(vector["root1"]), decoded(vector["root2"])), (vector["start"], vector["end"])
            proof.check_subtree_consistency(span, vector["size"], *roots, hashes)
        case _:
            pytest.fail(f"unknown kind of vector: {kind}")


@pytest.mark.skipif(not VECTORS, reason="the public suites are not here; set CHARTLY_SUITES")
def test_every_vector_is_decided_as_published() -> None:
    """All 518 vectors are decided as published; 482 of them must be refused."""
    wrong: list[str] = []
    refused = 0
    for path in VECTORS:
        vector = json.loads(path.read_text())
        kind = path.relative_to(SUITES / "merkle" / "testdata").parts[0]
        try:
            check(kind, vector)
            failed = False
        except ProofRefusedError:
            failed = True
        refused += failed
        if failed != bool(vector.get("wantErr")):
            wrong.append(str(path.relative_to(SUITES)))
    assert wrong == [], "\n".join(wrong)
    assert (len(VECTORS), refused) == (VECTORS_COUNT, REFUSED_COUNT)
