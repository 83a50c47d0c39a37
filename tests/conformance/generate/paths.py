"""RFC 9535 queries over a small alphabet of names, so that they often select something.

Some are spelled with dots, some with brackets and either quote; most are singular, as most of a profile's are.
"""

import json

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .named import named

NAMES = ("a", "b", "c", "id", "tags", "é", "x y", "😀", "")
"""Keys of generated records."""

_SHORTHAND = tuple(name for name in NAMES if name.isidentifier())


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def spelled(name: str) -> SearchStrategy[str]:
    """Draw a way to write a name's segment."""
    bracketed = [f"[{_quoted(name)}]", f"['{name}']"]
    return st.sampled_from([f".{name}", *bracketed] if name in _SHORTHAND else bracketed)


@named
def _names() -> SearchStrategy[str]:
    return st.sampled_from(NAMES).flatmap(spelled)


@named
def _indices() -> SearchStrategy[str]:
    return st.integers(-3, 3).map(lambda index: f"[{index}]")


@named
def _slices() -> SearchStrategy[str]:
    bound = st.just("") | st.integers(-4, 4).map(str)
    return st.tuples(bound, bound, st.just("") | st.integers(-2, 2).map(":{}".format)).map(
        lambda parts: f"[{parts[0]}:{parts[1]}{parts[2]}]"
    )


@named
def _filters() -> SearchStrategy[str]:
    inner = st.sampled_from(_SHORTHAND).map(lambda name: f"@.{name}") | st.just("@")
    literal = st.sampled_from(["null", "true", "false", "1", "0", "-1.5", '"a"', "'x'", '""'])
    compared = st.tuples(inner, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), literal).map(" ".join)
    exists = st.sampled_from(_SHORTHAND).map(lambda name: f"@.{name}")
    return (compared | exists).map(lambda test: f"[?{test}]")


@named
def _unions() -> SearchStrategy[str]:
    one = st.one_of(st.sampled_from(NAMES).map(_quoted), st.integers(-2, 2).map(str), st.just("*"))
    return st.lists(one, min_size=2, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")


@named
def singular() -> SearchStrategy[str]:
    """Draw a query that selects at most one node."""
    segments = st.lists(st.one_of(_names(), _names(), _indices()), min_size=1, max_size=3)
    return segments.map(lambda parts: "$" + "".join(parts))


@named
def queries() -> SearchStrategy[str]:
    """Draw any query of the reference's small language."""
    # `..[0]` tries an index on every object; whether such an object counts as read is not defined, so it isn't drawn.
    descendants = st.sampled_from(_SHORTHAND).map(lambda name: f"..{name}") | st.just("..*")
    many = st.one_of(st.just(".*"), st.just("[*]"), _slices(), _filters(), _unions(), descendants)
    segments = st.tuples(st.lists(_names(), max_size=2), many, st.lists(_names() | _indices(), max_size=1))
    return singular() | segments.map(lambda parts: "$" + "".join(parts[0]) + parts[1] + "".join(parts[2]))
