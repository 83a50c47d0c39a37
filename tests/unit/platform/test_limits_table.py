"""Every limit of the table is read by code and used by a test."""

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
def used_by_tests() -> frozenset[str]:
    """Return the limits that a test sets or reads, or that the tests of field rules derive from the protos.

    A test sets a limit by a keyword (``limits__name=``, ``Limits(name=)``) or a setting's name (``"limits.name"``), and reads it as an
    attribute. A mention in a docstring or comment doesn't count.
    """
    found = set[str]()
    for path in TESTS.rglob("*.py"):
        if path != Path(__file__):
            found |= {name for node in ast.walk(ast.parse(path.read_text("utf-8"))) for name in _limits_in(node)}
    return named_by_protos() | (found & NAMES)


def _limits_in(node: ast.AST) -> tuple[str, ...]:
    """Return what may be the name of a limit in one node of a test's syntax tree."""
    match node:
        case ast.keyword(arg=str(name)):
            return (name.removeprefix("limits__"),)
        case ast.Attribute(attr=name):
            return (name,)
        case ast.Constant(value=str(text)) if re.fullmatch(r"[\w.]+(=\w*)?", text):
            return (re.sub(r"^(CHARTLY_LIMITS_|limits\.|limits__)|=.*$", "", text).lower(),)
        case _:
            return ()


def test_every_limit_is_read_by_code() -> None:
    """Each limit is read by code."""
    assert sorted(NAMES - read_by_code()) == []


def test_every_limit_has_a_test() -> None:
    """A test sets or reads each limit."""
    assert sorted(NAMES - used_by_tests()) == []


def test_a_mention_is_no_use() -> None:
    """A limit's name in a docstring is not taken for a test of it, and a setting is."""
    tree = ast.parse('"""payload_bytes_max holds."""\nstart(limits__payload_bytes_max=1)\nload({"limits.page_size_max": 2})')
    found = [name for node in ast.walk(tree) for name in _limits_in(node) if name in NAMES]
    assert sorted(found) == ["page_size_max", "payload_bytes_max"]
