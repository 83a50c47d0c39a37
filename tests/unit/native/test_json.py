"""Parsing, canonical bytes and queries from Python. Their crates and the suites test their meaning."""

import array
import mmap
from pathlib import Path

import pytest

from chartly.native import DepthExceeded, MalformedJson, NumberNotRepresentable, PathError, canonicalize, parse_check, query


def test_canonicalize_returns_rfc_8785_bytes() -> None:
    """Keys are ordered, numbers are written as doubles, and strings are unescaped."""
    assert canonicalize(b'{"b": 1.50, "a": "\\u00e9", "\\u20ac": 1e2}') == '{"a":"é","b":1.5,"€":100}'.encode()


@pytest.mark.parametrize(
    ("text", "offset", "rule"),
    [(b"[01]", 2, "invalid-number"), (b'{"a":1,"a":2}', 7, "duplicate-key"), (b"1 2", 2, "trailing-text"), (b"", 0, "unexpected-end")],
)
def test_canonicalize_refuses_with_place_and_rule(text: bytes, offset: int, rule: str) -> None:
    """The error's attributes name the byte and the rule."""
    with pytest.raises(MalformedJson) as refused:
        canonicalize(text)
    assert (refused.value.offset, refused.value.rule) == (offset, rule)


def test_canonicalize_refuses_numbers_beyond_doubles() -> None:
    """A number that RFC 8785 can't write is refused with its place."""
    with pytest.raises(NumberNotRepresentable) as refused:
        canonicalize(b"[1, 1e999]")
    assert refused.value.offset == 4


def test_canonicalize_bounds_depth() -> None:
    """Nesting is bounded, and the error has the bound."""
    with pytest.raises(DepthExceeded) as refused:
        canonicalize(b"[" * 600 + b"]" * 600)
    assert refused.value.depth_max == 512


def test_parse_check_takes_any_depth() -> None:
    """`parse_check` has no limit on depth, as it builds no tree."""
    parse_check(b"[" * 100_000 + b"]" * 100_000)
    with pytest.raises(MalformedJson):
        parse_check(b"[" * 100_000 + b"]" * 99_999)


def test_any_buffer_is_accepted(tmp_path: Path) -> None:
    """bytes, bytearray, memoryview, array and mmap give the same result."""
    text = b'{"a": [1, 2]}'
    file = tmp_path / "text"
    file.write_bytes(text)
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        buffers = [text, bytearray(text), memoryview(text), array.array("B", text), mapped]
        assert [query("$.a[1]", buffer) for buffer in buffers] == [[2]] * len(buffers)


def test_text_is_refused() -> None:
    """A str is refused, as it has no encoding."""
    with pytest.raises((TypeError, ValueError)):
        canonicalize("{}")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_query_returns_python_values() -> None:
    """Integers stay exact at any size; other numbers are floats, as in Python's json."""
    document = b'{"a": [1, 12345678901234567890, 1.5, 1e2, "x", null, true, {"b": []}]}'
    assert query("$.a[*]", document) == [1, 12345678901234567890, 1.5, 100.0, "x", None, True, {"b": []}]
    assert [type(value) for value in query("$.a[:4]", document)] == [int, int, float, float]


def test_query_refuses_an_invalid_query() -> None:
    """The error names the place in the query."""
    with pytest.raises(PathError) as refused:
        query("$.a[01]", b"{}")
    assert refused.value.position == 4


def test_query_refuses_a_repeated_key_that_it_reads() -> None:
    """A repeated key is malformed where the query reads it, and accepted elsewhere."""
    document = b'{"read": {"a": 1}, "unread": {"b": 1, "b": 2}}'
    assert query("$.read.a", document) == [1]
    with pytest.raises(MalformedJson):
        query("$.unread", document)
