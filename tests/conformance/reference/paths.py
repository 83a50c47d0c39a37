"""A small RFC 9535: names, wildcards, indices, slices, descendants, unions, and filters of one test.

Besides the selected values it returns the objects that it read, since these decide which repeated keys matter.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from .numbers import decimal_of
from .tree import Members, Node, RawNumber

_TOKEN = re.compile(
    r"""\s*(?:(?P<descend>\.\.)|(?P<dot>\.)|(?P<name>[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)|(?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    r"""|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?)|(?P<compare>==|!=|<=|>=|<|>)|(?P<mark>[$@\[\],:*?]))"""
)


class UnknownPath(Exception):
    """A query that this small reader doesn't implement."""


@dataclass
class Reading:
    """The values that a query selected, and the objects that it read."""

    nodes: list[Node]
    objects: list[Members] = field(default_factory=list[Members])


Selector = Callable[[Node, Reading], Iterator[Node]]


def _children(node: Node) -> list[Node]:
    if isinstance(node, list):
        return node
    return [child for _, child in node.pairs] if isinstance(node, Members) else []


def _name(name: str) -> Selector:
    def select(node: Node, reading: Reading) -> Iterator[Node]:
        if isinstance(node, Members):
            reading.objects.append(node)
            # Where the key repeats the record is refused, so which of them is taken doesn't matter.
            yield from [child for key, child in node.pairs if key == name][:1]

    return select


def _wildcard(node: Node, reading: Reading) -> Iterator[Node]:
    if isinstance(node, Members):
        reading.objects.append(node)
    yield from _children(node)


def _index(index: int) -> Selector:
    def select(node: Node, _: Reading) -> Iterator[Node]:
        if isinstance(node, list) and -len(node) <= index < len(node):
            yield node[index]

    return select


def _slice(start: int | None, end: int | None, step: int | None) -> Selector:
    def select(node: Node, _: Reading) -> Iterator[Node]:
        if isinstance(node, list) and step != 0:
            yield from node[slice(start, end, step)]

    return select


def _comparable(node: Node) -> object:
    return decimal_of(float(node.text)) if isinstance(node, RawNumber) else node


def _compares(operator: str, left: Node, right: Node) -> bool:
    """Compare a node with a literal, both present."""
    one, other = _comparable(left), _comparable(right)
    same = type(one) is type(other) and one == other
    less = more = False
    if isinstance(one, str) and isinstance(other, str):
        # By Unicode scalar values, as RFC 9535 orders strings.
        less, more = one < other, one > other
    elif isinstance(one, Decimal) and isinstance(other, Decimal):
        less, more = one < other, one > other
    return {"==": same, "!=": not same, "<": less, ">": more, "<=": less or same, ">=": more or same}[operator]


def _passes(operator: str, found: list[Node], literal: Node) -> bool:
    """Compare the result of a singular query with a literal; no result differs from every literal."""
    return _compares(operator, found[0], literal) if found else operator == "!="


def _filter(inner: list[Selector], operator: str | None, literal: Node) -> Selector:
    def select(node: Node, reading: Reading) -> Iterator[Node]:
        if isinstance(node, Members):
            reading.objects.append(node)
        for child in _children(node):
            found = [child]
            for selector in inner:
                found = [each for one in found for each in selector(one, reading)]
            if bool(found) if operator is None else _passes(operator, found, literal):
                yield child

    return select


def _descendants(node: Node) -> Iterator[Node]:
    yield node
    for child in _children(node):
        yield from _descendants(child)


class _Parser:
    def __init__(self, query: str) -> None:
        self.query, self.position = query, 0
        self.kind, self.text = "", ""
        self.advance()

    def advance(self) -> None:
        if not self.query[self.position :].strip():
            self.kind, self.text = "end", ""
            return
        found = _TOKEN.match(self.query, self.position)
        if found is None or found.lastgroup is None:
            raise UnknownPath(self.query)
        self.position, self.kind, self.text = found.end(), found.lastgroup, found[found.lastgroup]

    def take(self, text: str) -> None:
        if self.text != text:
            raise UnknownPath(self.query)
        self.advance()

    def took(self, text: str) -> bool:
        if self.text != text or self.kind == "quoted":
            return False
        self.advance()
        return True

    def literal(self) -> Node:
        text, kind = self.text, self.kind
        self.advance()
        if kind == "quoted":
            inner = text[1:-1] if text[0] == '"' else text[1:-1].replace("\\'", "'").replace('"', '\\"')
            return str(json.loads(f'"{inner}"'))
        if kind == "number":
            return RawNumber(text)
        try:
            return {"true": True, "false": False, "null": None}[text]
        except KeyError:
            raise UnknownPath(self.query) from None

    def bracketed(self) -> list[Selector]:
        selectors = [self.selector()]
        while self.took(","):
            selectors.append(self.selector())
        self.take("]")
        return selectors

    def selector(self) -> Selector:
        if self.took("*"):
            return _wildcard
        if self.kind == "quoted":
            return _name(str(self.literal()))
        if self.took("?"):
            return self.test()
        bounds: list[int | None] = [None]
        while self.kind == "number" or self.text == ":":
            if self.took(":"):
                bounds.append(None)
            else:
                bounds[-1] = int(self.text)
                self.advance()
        if len(bounds) > 1:
            start, end, step = [*bounds, None][:3]
            return _slice(start, end, step)
        if bounds[0] is None:
            raise UnknownPath(self.query)
        return _index(bounds[0])

    def test(self) -> Selector:
        self.take("@")
        inner: list[Selector] = []
        while self.text in (".", "["):
            if self.took("."):
                inner.append(_name(self.text))
                self.advance()
            else:
                self.advance()
                (one,) = self.bracketed()
                inner.append(one)
        if self.kind != "compare":
            return _filter(inner, None, None)
        operator = self.text
        self.advance()
        return _filter(inner, operator, self.literal())

    def segment(self) -> tuple[bool, list[Selector]]:
        descends = self.took("..")
        if not descends and self.took(".") and self.kind not in ("name", "mark"):
            raise UnknownPath(self.query)
        if self.took("["):
            return descends, self.bracketed()
        if self.took("*"):
            return descends, [_wildcard]
        name = self.text
        if self.kind != "name":
            raise UnknownPath(self.query)
        self.advance()
        return descends, [_name(name)]


def select(query: str, root: Node) -> Reading:
    """Evaluate a query.

    Raises:
        UnknownPath: it is none, or beyond this reader.
    """
    parser = _Parser(query)
    parser.take("$")
    segments: list[tuple[bool, list[Selector]]] = []
    while parser.kind != "end":
        segments.append(parser.segment())
    reading = Reading([root])
    for descends, selectors in segments:
        before = [each for node in reading.nodes for each in _descendants(node)] if descends else reading.nodes
        reading.nodes = [each for node in before for selector in selectors for each in selector(node, reading)]
    return reading
