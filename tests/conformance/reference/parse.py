"""Strict JSON: RFC 8259 within I-JSON, on top of the standard library's parser.

It accepts repeated keys; which of them matter depends on what a plan reads.
"""

import json
import re
from typing import NoReturn

from .tree import Members, Node, RawNumber

MALFORMED = "MALFORMED_JSON"
TOO_DEEP = "DEPTH_EXCEEDED"
TOO_LARGE = "PAYLOAD_TOO_LARGE"

_SURROGATE = re.compile("[\ud800-\udfff]")


class Refused(Exception):
    """Bytes that are not a record.

    Usually for one reason; a text that is too deep and malformed further on may be refused for either, depending on the reader's order.
    """

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = frozenset(reasons)


def _refuse_constant(_: str) -> NoReturn:
    raise Refused(MALFORMED)


def _whole_text(text: str) -> str:
    if _SURROGATE.search(text):
        raise Refused(MALFORMED)
    return text


def _checked(node: Node) -> Node:
    """Refuse a lone surrogate in any string or key."""
    match node:
        case str():
            _whole_text(node)
        case list():
            for child in node:
                _checked(child)
        case Members():
            for key, child in node.pairs:
                _whole_text(key)
                _checked(child)
        case _:
            pass
    return node


_DECODER = json.JSONDecoder(
    object_pairs_hook=lambda pairs: Members(tuple(pairs)),
    parse_float=RawNumber,
    parse_int=RawNumber,
    parse_constant=_refuse_constant,
)


def _decode(data: bytes) -> Node:
    try:
        text = data.decode("utf-8")
        if text.startswith("\ufeff"):
            raise Refused(MALFORMED)
        return _checked(_DECODER.decode(text))
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise Refused(MALFORMED) from None


def depth(data: bytes) -> int:
    """Return the nesting depth of brackets outside strings; a scalar has depth 1."""
    deepest = level = 0
    position = 0
    while position < len(data):
        match data[position : position + 1]:
            case b"[" | b"{":
                level += 1
                deepest = max(deepest, level)
            case b"]" | b"}":
                level -= 1
            case b'"':
                position += 1
                while position < len(data) and data[position : position + 1] != b'"':
                    position += 2 if data[position : position + 1] == b"\\" else 1
            case _:
                pass
        position += 1
    return max(deepest, 1)


def parse(data: bytes, *, depth_max: int | None = None) -> Node:
    """Parse one JSON text.

    Raises:
        Refused: it is not JSON, or nests too deep.
    """
    if depth_max is None or depth(data) <= depth_max:
        return _decode(data)
    try:
        _decode(data)
    except Refused:
        raise Refused(MALFORMED, TOO_DEEP) from None
    raise Refused(TOO_DEEP)
