"""Canonical bytes compared with the ``rfc8785`` package over the standard library's parser."""

import json

import rfc8785
from generate import examples, texts
from hypothesis import given

from chartly.native import NumberNotRepresentable, canonicalize


@examples(400)
@given(texts.encoded(texts.values()))
def test_canonical_bytes_agree(data: bytes) -> None:
    """Both write the same bytes; for a number beyond doubles the core raises."""
    value = json.loads(data, parse_int=float)
    try:
        written = canonicalize(data)
    except NumberNotRepresentable:
        written = None
    try:
        # Zero has one sign in a payload, so `-0` is written without it.
        expected = rfc8785.dumps(value)
    except rfc8785.FloatDomainError:
        expected = None
    assert written == expected


@examples(400)
@given(texts.encoded(texts.values()))
def test_canonical_bytes_are_a_fixed_point(data: bytes) -> None:
    """Canonical bytes are their own canonical form."""
    try:
        once = canonicalize(data)
    except NumberNotRepresentable:
        return
    assert canonicalize(once) == once
