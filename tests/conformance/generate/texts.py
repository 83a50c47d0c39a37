"""JSON texts as bytes: every way to write a value, and ways to break one.

Texts are written, not built from Python values, so that spacing, escapes, number spellings and repeated keys vary. Strategies are
created once, since creating one for each draw takes longer than drawing.
"""

import json
from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .named import named

# Spellings at the edges of doubles, of exactness and of RFC 8785's layout.
EDGE_NUMBERS = (
    *(
        "0",
        "-0",
        "-0.0",
        "0e9",
        "1",
        "-1",
        "1.0",
        "100",
        "1e2",
        "1E+2",
        "0.1",
        "0.10",
        "-0.5",
        "19.99",
        "1e-7",
        "0.0000001",
        "1e21",
        "1e20",
    ),
    *("9007199254740991", "9007199254740992", "9007199254740993", "36028797018963968", "36028797018963970", "0.30000000000000004"),
    *("1.7976931348623157e308", "1.7976931348623159e308", "1e309", "-1e400", "5e-324", "4.94e-324", "2.2250738585072014e-308", "1e-400"),
    *("123456789012345678901234567890", "0.1000000000000000055511151231257827", "1e99999999999999999999", "1e-99999999999999999999"),
)


@named
def number_texts() -> SearchStrategy[str]:
    """Draw a JSON number's text."""
    digits = st.integers(0, 10**20).map(str)
    fraction = st.just("") | st.text("0123456789", min_size=1, max_size=20).map(".".__add__)
    exponent = st.just("") | st.tuples(st.sampled_from("eE"), st.sampled_from(["", "+", "-"]), st.integers(0, 350)).map(
        lambda parts: f"{parts[0]}{parts[1]}{parts[2]}"
    )
    spelled = st.tuples(st.sampled_from(["", "-"]), digits, fraction, exponent).map("".join)
    doubles = st.floats(allow_nan=False, allow_infinity=False).map(repr)
    cents = st.integers(-(10**7), 10**7).map(lambda cents: f"{cents / 100}")
    return st.one_of(st.sampled_from(EDGE_NUMBERS), spelled, doubles, cents)


@named
def string_texts(content: SearchStrategy[str] | None = None) -> SearchStrategy[str]:
    """Draw a JSON string's text, quotes included, its characters raw or escaped."""
    drawn = content if content is not None else st.text(max_size=12)
    return st.tuples(drawn, st.booleans()).map(lambda pair: json.dumps(pair[0], ensure_ascii=pair[1]))


def _joined(opening: str, closing: str, parts: SearchStrategy[list[str]]) -> SearchStrategy[str]:
    space = st.sampled_from(["", "", "", " ", "\t", "\r "])
    return st.tuples(parts, space).map(lambda pair: f"{opening}{pair[1]}{f'{pair[1]},'.join(pair[0])}{pair[1]}{closing}")


@named
def arrays(element: SearchStrategy[str]) -> SearchStrategy[str]:
    """Draw a JSON array's text with these elements."""
    return _joined("[", "]", st.lists(element, max_size=5))


@named
def objects(key: SearchStrategy[str], value: SearchStrategy[str], *, may_repeat: bool = False) -> SearchStrategy[str]:
    """Draw a JSON object's text; keys repeat only if that is allowed."""
    pairs = st.lists(st.tuples(key, value), max_size=6, unique_by=None if may_repeat else lambda pair: str(json.loads(pair[0])))
    return _joined("{", "}", pairs.map(lambda pairs: [f"{key}: {value}" for key, value in pairs]))


@named
def scalars() -> SearchStrategy[str]:
    """Draw a scalar's text."""
    return st.one_of(st.sampled_from(["null", "true", "false"]), number_texts(), string_texts())


@named
def values(
    *, scalar: SearchStrategy[str] | None = None, key: SearchStrategy[str] | None = None, may_repeat: bool = False
) -> SearchStrategy[str]:
    """Draw any JSON text."""
    keys = key if key is not None else string_texts(st.text(max_size=4))
    deeper: Callable[[SearchStrategy[str]], SearchStrategy[str]] = lambda inner: arrays(inner) | objects(keys, inner, may_repeat=may_repeat)  # noqa: E731
    return st.recursive(scalar if scalar is not None else scalars(), deeper, max_leaves=12)


# What breaks a JSON text wherever it lands, or nearly so.
_INTRUDERS = (
    *(
        b"\xff",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xef\xbb\xbf",
        b"\x00",
        b"\x1f",
        b"\x7f",
        b"\n",
        b"\\",
        b"\\u12",
        b"\\x",
    ),
    *(
        b"\\ud800",
        b"\\udc00",
        b"\\ud83d\\ude00",
        b"\\/",
        b'"',
        b",",
        b":",
        b"[",
        b"]",
        b"{",
        b"}",
        b"0",
        b"-",
        b"+",
        b".",
        b"e",
        b"1e",
        b"01",
    ),
    *(
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"nul",
        b"True",
        b"//",
        b"'",
        b"\xc2\xa0",
        b"\xe2\x80\xa8",
        b"\xef\xbf\xbf",
        b" ",
        b"\t",
        b"\r",
        b"\x0c",
    ),
)


@st.composite
def broken(draw: st.DrawFn, texts: SearchStrategy[bytes]) -> bytes:
    """Draw a text, and cut it, double a part or insert bytes, once or a few times."""
    data = draw(texts)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 4)))
        patch = draw(st.sampled_from([b"", data[start:end] * 2, *_INTRUDERS]))
        data = data[:start] + patch + data[end:]
    return data


def encoded(texts: SearchStrategy[str]) -> SearchStrategy[bytes]:
    """Return texts as UTF-8."""
    return texts.map(str.encode)
