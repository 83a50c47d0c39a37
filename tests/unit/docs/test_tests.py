"""The tests themselves: each one can fail."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
ASSERTING = frozenset({"raises", "fail", "warns"})
"""Functions of pytest that fail a test."""
COMMON = frozenset({"commit", "get", "push", "put", "read", "run", "send", "start", "stop", "wait", "write"})
"""Names that many classes share: a call of one says nothing of whether it asserts."""


class Functions:
    """All functions of the tests by name, and which of them can fail a test."""

    def __init__(self) -> None:
        self.bodies: defaultdict[str, list[ast.AST]] = defaultdict(list)
        self.tests: list[tuple[str, ast.AST]] = []
        for path in sorted(TESTS.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    self.bodies[node.name].append(node)
                    if node.name.startswith("test_"):
                        self.tests.append((f"{path.relative_to(TESTS)}::{node.name}", node))

    def can_fail(self, node: ast.AST, seen: frozenset[str] = frozenset()) -> bool:
        """Return whether a function asserts, raises, or calls a function of the tests that does."""
        called: set[str] = set()
        for each in ast.walk(node):
            if isinstance(each, ast.Assert | ast.Raise):
                return True
            name = _name(each)
            if name in ASSERTING:
                return True
            if name is not None and name not in COMMON and name not in seen and not name.startswith("test_"):
                called.add(name)
        return any(self.can_fail(body, seen | called) for name in called for body in self.bodies.get(name, ()))


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


@pytest.fixture(scope="module")
def functions() -> Functions:
    """The functions of all tests."""
    return Functions()


def test_every_test_asserts(functions: Functions) -> None:
    """Each test asserts something, itself or in a helper."""
    assert [name for name, node in functions.tests if not functions.can_fail(node)] == []
    assert len(functions.tests) > 1_000


def test_a_test_without_an_assertion_is_found(functions: Functions) -> None:
    """A test that only calls functions without an assertion is reported."""
    assert not functions.can_fail(ast.parse("def test_x(): print(len([]))"))
    assert functions.can_fail(ast.parse("def test_x(): assert 1"))


def test_no_assertion_is_always_true() -> None:
    """No assertion is of a constant, of a tuple, or of a value equal to itself."""
    trees = {path.relative_to(TESTS): ast.parse(path.read_text("utf-8")) for path in sorted(TESTS.rglob("*.py"))}
    found = [(path, node) for path, tree in trees.items() for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    assert [f"{path}:{node.lineno}" for path, node in found if _is_always_true(node.test)] == []


def _is_always_true(test: ast.expr) -> bool:
    if isinstance(test, ast.Constant | ast.Tuple | ast.List | ast.Dict | ast.JoinedStr):
        return True
    if not isinstance(test, ast.Compare) or len(test.ops) > 1 or not isinstance(test.ops[0], ast.Eq | ast.Is):
        return False
    # Calls may answer differently each time: that two calls agree is a fact worth a test.
    return ast.dump(test.left) == ast.dump(test.comparators[0]) and not _calls(test)


def _calls(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Call | ast.Await) for each in ast.walk(node))
