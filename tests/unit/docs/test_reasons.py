"""Every reason is documented, and reachable code raises it."""

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from chartly.gateway.edge.replies import local_replies
from chartly.native import Plan
from chartly.platform import errors
from chartly.platform.errors import ChartlyError
from chartly.storage.table import envelope
from chartly.v1.error_reason_pb2 import Reason

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "services" / "chartly"
NAMES = sorted(name.removeprefix("REASON_") for name, number in Reason.items() if number)

PROFILE: dict[str, Any] = {
    "mapping": {"id": "$.id", "amount": "$.amount", "kind": "$.kind"},
    "requiredFields": ["id"],
    "transforms": [{"field": "amount", "op": "toNumber"}, {"field": "kind", "op": "denyValues", "values": ["secret"]}],
    "canonicalEventType": "probe.event",
    "limits": {"depthMax": 8, "recordBytesMax": 200},
}
CONTRACT: dict[str, Any] = {"type": "object", "properties": {"amount": {"type": "number", "maximum": 10}}}
RECORDS = {
    "MALFORMED_JSON": b"{",
    "DEPTH_EXCEEDED": b'{"id":"a","deep":[[[[[[[[[[1]]]]]]]]]]}',
    "PAYLOAD_TOO_LARGE": b'{"id":"' + b"a" * 300 + b'"}',
    "TRANSFORM_FAILED": b'{"id":"a","amount":"many"}',
    "PRECISION_LOSS": b'{"id":9007199254740993}',
    "REQUIRED_FIELD_MISSING": b"{}",
    "CONTRACT_VIOLATION": b'{"id":"a","amount":11}',
    "POLICY_VIOLATION": b'{"id":"a","kind":"secret"}',
}
"""A record that the compiled core rejects, by its reason."""
CONSTANTS = {"CONFLICT": envelope.CONFLICT, "EXPIRED": envelope.EXPIRED}
"""The constants that storage writes as violations of records that are rejected after the core has accepted them."""


def test_the_reasons_are_those_that_the_package_documents() -> None:
    """The page has exactly one row for each reason."""
    page = (ROOT / "docs" / "reference" / "reasons.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_reason_is_explained(name: str) -> None:
    """The reference page describes the reason in a sentence."""
    page = (ROOT / "docs" / "reference" / "reasons.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `{name}` \| [A-Z`].+\. \|", page, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_the_core_rejects_a_record_for_a_reason(name: str) -> None:
    """The compiled core rejects a record for each reason of records."""
    outcome = Plan.compile(PROFILE, CONTRACT).run(RECORDS[name])
    rejected = pa.RecordBatchReader.from_stream(outcome.rejected).read_all()
    assert [violation["reason"] for violation in rejected["reasons"][0].as_py()] == [name]


class Reach:
    """What the package's entry points reach, by the names that functions mention.

    Two functions of one name count as one, so it never calls reached code unreached; the reverse can happen.
    """

    def __init__(self) -> None:
        self._bodies: defaultdict[str, list[ast.AST]] = defaultdict(list)
        entries: list[ast.AST] = []
        for path in sorted(PACKAGE.rglob("*.py")):
            if "v1" not in path.relative_to(PACKAGE).parts:
                entries += self._entries(ast.parse(path.read_text("utf-8")).body)
        self.names: set[str] = set()
        self.raised: set[str] = set()
        """Names of classes that reached code raises, constructs or passes on to be raised."""
        self._walk(entries)

    def _entries(self, body: list[ast.stmt]) -> Iterator[ast.AST]:
        """Index functions by name; yield what runs without being called by name: module code, RPC methods, commands, dunders."""
        for node in body:
            if isinstance(node, ast.ClassDef):
                yield from self._entries(node.body)
                yield from (*node.bases, *node.decorator_list)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._bodies[node.name].append(node)
                is_rpc, is_dunder = node.name[0].isupper(), node.name.startswith("__")
                if is_rpc or is_dunder or node.decorator_list or node.name == "build":
                    yield node
            else:
                yield node

    def _walk(self, entries: list[ast.AST]) -> None:
        waiting = list(entries)
        while waiting:
            for node in ast.walk(waiting.pop()):
                self.raised.update(_constructed(node))
                name = _name(node)
                if name is not None and name not in self.names:
                    self.names.add(name)
                    waiting.extend(self._bodies.get(name, ()))


def _constructed(node: ast.AST) -> Iterator[str]:
    found: list[ast.expr | None] = []
    if isinstance(node, ast.Raise):
        found = [node.exc]
    elif isinstance(node, ast.Call) and _name(node.func) not in ("isinstance", "issubclass"):
        found = [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(node.func, ast.Attribute):
            found.append(node.func.value)  # a class method that constructs
    yield from (name for each in found if each is not None and (name := _name(each)) is not None)


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


@pytest.fixture(scope="module")
def reach() -> Reach:
    """The reached names of the whole package."""
    return Reach()


def error_classes() -> Iterator[type[ChartlyError]]:
    """Yield every error class of the package that is raised itself: those without subclasses, but for the status classes."""
    for path in PACKAGE.rglob("*.py"):
        if "@error(" in path.read_text("utf-8"):
            importlib.import_module(".".join(("chartly", *path.relative_to(PACKAGE).with_suffix("").parts)))
    waiting: list[type[ChartlyError]] = [ChartlyError]
    while waiting:
        found = waiting.pop()
        waiting += found.__subclasses__()
        is_ours = found.__module__.startswith("chartly.") and found.__module__ != errors.__name__
        if is_ours and not found.__subclasses__():
            yield found


def test_every_error_class_is_raised(reach: Reach) -> None:
    """Each error class is constructed in code that an RPC, a command or a background task reaches."""
    unused = {f"{found.__module__}.{found.__name__}" for found in error_classes() if found.__name__ not in reach.raised}
    assert unused == set()


def test_every_reason_is_raised(reach: Reach) -> None:
    """Each reason belongs to an error class that is raised, to a rejected record, or to a reply of the edge itself."""
    raised = {found.reason for found in error_classes() if found.__name__ in reach.raised}
    written = {value["reason"] for constant, value in CONSTANTS.items() if constant in reach.names}
    at_the_edge = set(re.findall(r"'reason': '([A-Z_]+)'", str(local_replies())))
    assert set(NAMES) - raised - set(RECORDS) - written - at_the_edge == set()


def test_a_class_that_nothing_raises_is_found(reach: Reach) -> None:
    """The search separates raised classes from others: a status class is never raised itself."""
    assert "DatasetUnknown" in reach.raised
    assert not {"Aborted", "OutOfRange", "Unimplemented"} & reach.raised
