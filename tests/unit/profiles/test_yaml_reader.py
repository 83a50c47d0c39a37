"""Reading YAML with places, and refusing malicious text before it is built."""

import contextlib
import json
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from chartly.profiles import ProfileInvalid
from chartly.profiles.limits import ALIASES_MAX, DEPTH_MAX, DOCUMENT_BYTES_MAX, NODES_MAX
from chartly.profiles.violation import TextPlace
from chartly.profiles.yaml_reader import read_yaml

# The same examples each time, however busy the machine is.
REPEATABLE = hypothesis.settings(deadline=None, derandomize=True)
# All that UTF-8 can hold; what YAML forbids raw is escaped.
_TEXT = strategies.text(strategies.characters(exclude_categories=("Cs",)), max_size=20)
# What YAML allows raw as well: no control characters, separators or byte order mark.
_PLAIN = strategies.text(strategies.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cn"), exclude_characters="\ufeff"), max_size=20)
_NUMBERS = strategies.integers(-(2**53) + 1, 2**53 - 1) | strategies.floats(allow_nan=False, allow_infinity=False)


def json_values(text: strategies.SearchStrategy[str]) -> strategies.SearchStrategy[Any]:
    """Return JSON values whose texts are of one kind."""
    return strategies.recursive(
        strategies.none() | strategies.booleans() | _NUMBERS | text,
        lambda inner: strategies.lists(inner, max_size=4) | strategies.dictionaries(text, inner, max_size=4),
        max_leaves=20,
    )


def refused(text: str) -> list[tuple[int, int, str, str]]:
    """Return line, column, path and rule of each violation of a text."""
    with pytest.raises(ProfileInvalid) as caught:
        read_yaml(text, "file.yaml")
    return [(found.line, found.column, found.path, found.rule) for found in caught.value.found]


def value_of(text: str) -> Any:
    """Return a text's value."""
    return read_yaml(text)[0]


def test_every_value_knows_its_place() -> None:
    """Keys and values have the line and column of the text, in lists, too."""
    _, places = read_yaml('a: 1\nb:\n  - x\n  - {c: "d"}\n', "file.yaml")

    assert places.keys[("b",)] == TextPlace("file.yaml", 2, 1)
    assert places.values[("b", 0)] == TextPlace("file.yaml", 3, 5)
    assert places.values[("b", 1, "c")] == TextPlace("file.yaml", 4, 9)
    assert places.locate(("b", 1, "absent")) == TextPlace("file.yaml", 4, 5)


def test_duplicate_key_names_both_lines() -> None:
    """The second of two equal keys is refused with the line of the first."""
    with pytest.raises(ProfileInvalid) as caught:
        read_yaml("spec:\n  a: 1\n  b: 2\n  a: 3\n", "file.yaml")

    (found,) = caught.value.found
    assert (found.line, found.column, found.path, found.rule) == (4, 3, "/spec/a", "duplicate-key")
    assert "line 2" in found.message


def test_duplicate_key_is_found_however_it_is_quoted() -> None:
    """Keys with different quotes are equal."""
    assert refused("a: 1\n'a': 2\n") == [(2, 1, "/a", "duplicate-key")]


def test_all_bad_scalars_are_reported() -> None:
    """Reading continues after a value that JSON can't represent."""
    assert refused("a: .nan\nb: 2026-02-02\nc: {d: 010}\n") == [
        (1, 4, "/a", "not-json"),
        (2, 4, "/b", "unquoted-timestamp"),
        (3, 8, "/c/d", "leading-zero"),
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("1: x", "key-not-text"),
        ("true: x", "key-not-text"),
        ("? [a]\n: b", "key-not-text"),
        ("? {a: b}\n: c", "key-not-text"),
        ("a: &x b\n*x : c", "key-not-text"),
        ("a: &x {b: c}\nd:\n  <<: *x\n", "merge-key"),
        ("a: !!binary aGk=", "tag"),
        ("a: !custom b", "tag"),
        ("a: !!python/object:os.system b", "tag"),
        ("a: !!omap [b: c]", "tag"),
        ("a: 1\n---\nb: 2\n", "several-documents"),
        ("", "empty-document"),
        ("# nothing\n", "empty-document"),
        ("a: [1", "malformed-yaml"),
        ("a: 'b", "malformed-yaml"),
        ("\tb: 1", "malformed-yaml"),
        ("a: \x01", "malformed-yaml"),
        ("a: 'b \u2028 c'", "malformed-yaml"),
        ("a: b\x85c: d", "malformed-yaml"),
        ("a: *nowhere", "unknown-anchor"),
        ("a: &x [*x]", "unknown-anchor"),
    ],
)
def test_what_is_no_json_document_is_refused(text: str, rule: str) -> None:
    """YAML that JSON can't represent is refused with its rule."""
    assert rule in {found[3] for found in refused(text)}


@REPEATABLE
@hypothesis.given(json_values(_TEXT))
def test_escaped_json_text_is_read_as_json(value: Any) -> None:
    """JSON text with escapes is read as its JSON value."""
    assert value_of(json.dumps(value)) == value


@REPEATABLE
@hypothesis.given(json_values(_PLAIN))
def test_raw_json_text_is_read_as_json(value: Any) -> None:
    """JSON text with unescaped characters that YAML allows is read as its JSON value."""
    assert value_of(json.dumps(value, ensure_ascii=False)) == value


@REPEATABLE
@hypothesis.given(strategies.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Reading of any text ends with a value or with violations."""
    with contextlib.suppress(ProfileInvalid):
        assert read_yaml(text)[1].values


def test_escaped_halves_of_a_character_are_joined() -> None:
    """Two escaped surrogates are joined to one character; one alone is refused."""
    assert value_of('{"\\ud83d\\ude00": "\\ud83d\\ude00"}') == {"😀": "😀"}
    assert refused('a: "\\ud83d"') == [(1, 4, "", "lone-surrogate")]


def test_aliases_are_copies() -> None:
    """Two uses of an anchor are two values."""
    value = value_of("a: &x {b: [1]}\nc: *x\n")
    value["a"]["b"].append(2)

    assert value["c"] == {"b": [1]}


def test_alias_bomb_is_refused_before_it_is_built() -> None:
    """Nine levels of nine aliases, 387 million values, are refused before they are built."""
    levels = "".join(f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 9))

    assert refused("a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + levels)[0][3] in {"too-many-values", "too-many-aliases"}


@pytest.mark.parametrize(
    ("fits", "breaks", "rule"),
    [
        ("[" * DEPTH_MAX + "]" * DEPTH_MAX, "[" * (DEPTH_MAX + 1) + "]" * (DEPTH_MAX + 1), "too-deep"),
        (f"[{'1,' * (NODES_MAX - 1)}]", f"[{'1,' * NODES_MAX}]", "too-many-values"),
        (
            f"a: &x 1\nb: [{','.join(['*x'] * ALIASES_MAX)}]",
            f"a: &x 1\nb: [{','.join(['*x'] * (ALIASES_MAX + 1))}]",
            "too-many-aliases",
        ),
        ("a: " + "x" * (DOCUMENT_BYTES_MAX - 3), "a: " + "x" * (DOCUMENT_BYTES_MAX - 2), "document-too-large"),
    ],
)
def test_each_bound_holds_exactly(fits: str, breaks: str, rule: str) -> None:
    """A document at a bound is read; one more is refused with the bound's name."""
    assert value_of(fits) is not None
    assert refused(breaks)[0][3] == rule


def test_alias_does_not_evade_the_depth_bound() -> None:
    """Nesting behind an alias counts where the alias is used."""
    half = "[" * (DEPTH_MAX - 4) + "]" * (DEPTH_MAX - 4)

    assert refused(f"a: &x {half}\nb: [[[[[[*x]]]]]]\n")[0][3] == "too-deep"
