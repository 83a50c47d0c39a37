"""RFC 9535 queries, compared with a small evaluator and the ``jsonpath-rfc9535`` package."""

import json
from decimal import Decimal
from typing import Any, cast

import jsonpath_rfc9535
from generate import examples, paths, texts
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import parse
from reference.paths import select
from reference.tree import Members, Node, RawNumber, objects_within

from chartly.native import MalformedJson, query

KEYS = texts.string_texts(st.sampled_from(paths.NAMES))
SCALARS = st.one_of(st.sampled_from(["null", "true", "false", "0", "1", "-1.5", "1.0", '"a"', '"x"', '""']), texts.scalars())


def as_python(node: Node) -> Any:
    """Return a tree with numbers as decimals."""
    match node:
        case RawNumber():
            return Decimal(node.text)
        case list():
            return [as_python(child) for child in node]
        case Members():
            return {key: as_python(child) for key, child in node.pairs}
        case _:
            return node


def with_decimals(value: Any) -> Any:
    """Return the core's answer with numbers as decimals."""
    return json.loads(json.dumps(value), parse_float=Decimal, parse_int=Decimal)


def has_plain_numbers(document: str) -> bool:
    """Return whether all readers read every number alike."""
    numbers: list[str] = []
    json.loads(document, parse_float=numbers.append, parse_int=numbers.append)
    return all(len(text) < 15 and abs(float(text)) < 1e15 and Decimal(repr(float(text))) == Decimal(text) for text in numbers)


def _sortable(value: Any) -> str:
    """Return a text that is equal for equal values: for both zeros, and for members in any order."""
    match value:
        case Decimal():
            return repr(value.normalize() + 0)
        case list():
            return repr([_sortable(item) for item in cast("list[Any]", value)])
        case dict():
            return repr(sorted((key, _sortable(member)) for key, member in cast("dict[str, Any]", value).items()))
        case _:
            return repr(value)


@examples(600)
@given(paths.queries(), texts.values(scalar=SCALARS, key=KEYS))
def test_queries_select_the_same(path: str, document: str) -> None:
    """Core, package and small evaluator select the same values; in the same order where RFC 9535 names one."""
    assume(has_plain_numbers(document))
    ours = with_decimals(query(path, document.encode()))
    small = [as_python(node) for node in select(path, parse(document.encode())).nodes]
    package = with_decimals([node.value for node in jsonpath_rfc9535.find(path, json.loads(document))])
    if any(mark in path for mark in ("*", "?", "..")):
        # The order of an object's members is undefined, and so is the order of what `*` finds.
        for values in (ours, small, package):
            values.sort(key=_sortable)
    assert ours == small
    assert ours == package


@examples(500)
@given(paths.queries(), texts.values(scalar=SCALARS, key=KEYS, may_repeat=True))
def test_repeated_keys_matter_where_they_are_read(path: str, document: str) -> None:
    """A document is refused exactly when an object that the query reads, or that is selected, has a key twice."""
    root = parse(document.encode())
    reading = select(path, root)
    # The root is read, whatever the query.
    read = [*([root] if isinstance(root, Members) else []), *reading.objects]
    read += [inner for node in reading.nodes for inner in objects_within(node)]
    try:
        query(path, document.encode())
        refused = False
    except MalformedJson:
        refused = True
    assert refused == any(one.has_duplicates() for one in read)
