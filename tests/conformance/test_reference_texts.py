"""Ops on text compared with Python's strings, ``unicodedata``, ``re`` and ``hashlib``."""

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from generate import examples
from hypothesis import given
from hypothesis import strategies as st
from ops import FAILED, SECRET, apply

TEXTS = st.lists(st.text(max_size=20), min_size=1, max_size=20)
# Scripts whose case rules are old: Python's tables are of another Unicode version.
SETTLED = st.text(st.characters(max_codepoint=0x17F) | st.characters(min_codepoint=0x391, max_codepoint=0x44F), max_size=20)
ASSIGNED = st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=20)
KEYED = {"secretRef": {"name": "pii", "key": "key"}}


def over(op: dict[str, Any], texts: list[str], function: Callable[[str], Any]) -> None:
    """Compare an op with a function, text by text."""
    assert apply(op, [json.dumps(text) for text in texts]) == [function(text) for text in texts]


@examples(100)
@given(st.lists(SETTLED, min_size=1, max_size=20))
def test_case_is_unicodes(texts: list[str]) -> None:
    """``lower`` and ``upper`` use Unicode's full mapping, final sigma included."""
    over({"op": "lower"}, texts, str.lower)
    over({"op": "upper"}, texts, str.upper)


@examples(100)
@given(st.lists(ASSIGNED, min_size=1, max_size=20), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_normal_forms_are_unicodes(texts: list[str], form: Any) -> None:
    """Each form is that of UAX #15."""
    over({"op": "normalizeUnicode", "form": form}, texts, lambda text: unicodedata.normalize(form, text))


@examples(100)
@given(TEXTS, st.text(min_size=1, max_size=2), st.text(max_size=3))
def test_literal_replacement(texts: list[str], find: str, put: str) -> None:
    """``replace`` goes from left to right without overlap."""
    texts = [*texts, find * 3, f"a{find}b{find}"]
    over({"op": "replace", "find": find, "with": put}, texts, lambda text: text.replace(find, put))


@examples(100)
@given(
    st.lists(st.text("ab1 ,é", max_size=20), min_size=1, max_size=20),
    st.sampled_from(["[0-9]+", "a|b", "(a)(b)?", "^a", "b$", r"\w+", "é"]),
)
def test_patterns_match_as_everywhere(texts: list[str], pattern: str) -> None:
    """``regexReplace``, ``regexExtract`` and ``denyPattern`` agree with ``re`` where both syntaxes mean the same."""
    over({"op": "regexReplace", "pattern": pattern, "with": "<$0>"}, texts, lambda text: re.sub(pattern, r"<\g<0>>", text))
    first = re.compile(pattern)

    def found(text: str) -> re.Match[str] | None:
        return first.search(text)

    group = 1 if first.groups else 0
    over({"op": "regexExtract", "pattern": pattern}, texts, lambda text: match[group] if (match := found(text)) else (FAILED,))
    over({"op": "denyPattern", "pattern": pattern}, texts, lambda text: ("POLICY_VIOLATION",) if found(text) else text)


@examples(100)
@given(TEXTS, st.text(min_size=1, max_size=2))
def test_split_and_join_are_inverse(texts: list[str], by: str) -> None:
    """``split`` cuts as Python does, and ``join`` reverses it."""
    texts = [*texts, f"a{by}{by}b", by]
    over({"op": "split", "by": by}, texts, lambda text: text.split(by))
    pieces = [json.dumps(text.split(by)) for text in texts]
    assert apply({"op": "join", "with": by}, pieces) == texts


@examples(100)
@given(TEXTS, st.integers(-25, 25), st.integers(0, 25))
def test_stretches_are_counted_in_characters(texts: list[str], start: int, length: int) -> None:
    """``substring`` cuts like Python's slices, and ``length`` counts the same characters."""
    over(
        {"op": "substring", "start": start, "length": length},
        texts,
        lambda text: text[max(start, -len(text)) :][:length] if start < 0 else text[start : start + length],
    )
    over({"op": "length"}, texts, lambda text: float(len(text)))


@examples(100)
@given(TEXTS, st.integers(1, 30), st.characters(exclude_categories=["Cs"]))
def test_padding_reaches_its_length(texts: list[str], length: int, put: str) -> None:
    """``padStart`` and ``padEnd`` are Python's ``rjust`` and ``ljust``."""
    over({"op": "padStart", "length": length, "with": put}, texts, lambda text: text.rjust(length, put))
    over({"op": "padEnd", "length": length, "with": put}, texts, lambda text: text.ljust(length, put))


@examples(100)
@given(TEXTS)
def test_digests_are_sha_256(texts: list[str]) -> None:
    """``hash``, ``hmac`` and ``tokenize`` equal the values that Python computes, with the key where there is one."""
    over({"op": "hash"}, texts, lambda text: hashlib.sha256(text.encode()).hexdigest())
    over({"op": "hmac", **KEYED}, texts, lambda text: hmac.digest(SECRET, text.encode(), "sha256").hex())
    message = b"chartly/tokenize/v1\0crm\0"
    over(
        {"op": "tokenize", "scope": "crm", **KEYED},
        texts,
        lambda text: "tok_" + hmac.digest(SECRET, message + text.encode(), "sha256").hex()[:32],
    )


@examples(100)
@given(TEXTS, st.integers(0, 5), st.integers(0, 5))
def test_masks_leave_no_more_than_they_say(texts: list[str], first: int, last: int) -> None:
    """``mask`` keeps only the ends that it names, and nothing of a text that would be kept whole."""

    def masked(text: str) -> str:
        if len(text) <= first + last:
            return "*" * len(text)
        return text[:first] + "*" * (len(text) - first - last) + text[len(text) - last :]

    over({"op": "mask", "keepFirst": first, "keepLast": last}, texts, masked)


@pytest.mark.parametrize("character", ["\t", " ", "\u00a0", "\u2003", "\u3000", "\u0085", "\u2028"])
def test_trimmed_space_is_unicodes(character: str) -> None:
    """``trim`` removes every character of ``White_Space`` at the ends, and none inside."""
    over({"op": "trim"}, [f"{character}a{character}b{character}"], lambda _: f"a{character}b")


@pytest.mark.parametrize("character", ["\u200b", "\ufeff", "\u001c", "\u180e"])
def test_what_only_looks_like_space_stays(character: str) -> None:
    """Zero-width characters and separators that aren't ``White_Space`` are kept."""
    over({"op": "trim"}, [f"{character}a"], lambda text: text)
