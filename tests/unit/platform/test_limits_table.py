"""Every limit of the table is read by code and named by a test."""

import ast
import re
from functools import cache
from pathlib import Path

from chartly.platform.config import Limits

ROOT = Path(__file__).parents[3]
SERVICES, TESTS, PROTO = ROOT / "services" / "chartly", ROOT / "tests", ROOT / "proto"
NAMES = frozenset(Limits.__struct_fields__)


@cache
def read_by_code() -> frozenset[str]:
    """Return the limits that code outside of the configuration reads, or that a field rule names."""
    found = set[str]()
    for path in SERVICES.rglob("*.py"):
        if SERVICES / "platform" / "config" in path.parents or SERVICES / "v1" in path.parents:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        found |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)} & NAMES
    return frozenset(found) | named_by_protos()


@cache
def named_by_protos() -> frozenset[str]:
    """Return the limits that a field rule names; ``test_field_rules.py`` tests each at its bound."""
    texts = (path.read_text("utf-8") for path in PROTO.rglob("*.proto"))
    return frozenset(name for text in texts for name in re.findall(r'max_limit(?: =|:) "(\w+)"', text)) & NAMES


@cache
def named_by_tests() -> frozenset[str]:
    """Return the limits that another test names, or that the tests of field rules derive from the protos."""
    text = "\n".join(path.read_text("utf-8") for path in TESTS.rglob("*.py") if path != Path(__file__))
    named = (name for name in NAMES if re.search(rf"(?<![a-z_]){name}(?![a-z_])|limits__{name}(?![a-z_])", text))
    return named_by_protos().union(named)


def test_every_limit_is_read_by_code() -> None:
    """Each limit is read by code."""
    assert sorted(NAMES - read_by_code()) == []


def test_every_limit_has_a_test() -> None:
    """A test names each limit."""
    assert sorted(NAMES - named_by_tests()) == []
