"""The strict parser compared with the standard library's under I-JSON's rules."""

import pytest
from generate import examples, texts
from hypothesis import given
from hypothesis import strategies as st
from reference import Refused, parse

from chartly.native import MalformedJson, parse_check


def refused_by_reference(data: bytes) -> bool:
    """Return whether the slow reference refuses the bytes."""
    try:
        parse(data)
    except Refused:
        return True
    return False


def refused_by_core(data: bytes) -> bool:
    """Return whether the compiled core refuses the bytes."""
    try:
        parse_check(data)
    except MalformedJson:
        return True
    return False


@examples(300)
@given(texts.encoded(texts.values(may_repeat=True)))
def test_json_is_accepted(data: bytes) -> None:
    """Every JSON text is accepted, with any spacing, escapes, spellings and repeated keys."""
    assert not refused_by_reference(data)
    assert not refused_by_core(data)


@examples(1000)
@given(texts.broken(texts.encoded(texts.values())))
def test_broken_texts_are_judged_alike(data: bytes) -> None:
    """A text that was cut or changed is refused by both or by neither."""
    assert refused_by_core(data) == refused_by_reference(data)


@examples(300)
@given(st.binary(max_size=24))
def test_any_bytes_are_judged_alike(data: bytes) -> None:
    """Random bytes are refused by both or by neither."""
    assert refused_by_core(data) == refused_by_reference(data)


@pytest.mark.parametrize("depth", [1, 63, 64, 65, 512, 900])
def test_depth_is_no_matter_of_grammar(depth: int) -> None:
    """``parse_check`` accepts any depth; plans have limits."""
    assert not refused_by_core(b"[" * depth + b"]" * depth)
