"""Patterns of contracts compared with the regular expressions of a JavaScript engine.

Only results are compared, over patterns that both accept; what a contract refuses on purpose is listed.
"""

import json
import random
import shutil
import subprocess

import pytest

from chartly.native import Contract, ContractError

NODE = shutil.which("node")
# Each line in, a pattern and texts; each line out, null for no pattern, or a verdict for each text.
JUDGE = """
const lines = require('fs').readFileSync(0, 'utf8').trim().split('\\n');
for (const line of lines) {
  const [pattern, texts] = JSON.parse(line);
  let regex = null;
  try { regex = new RegExp(pattern, 'u'); } catch { /* not a pattern */ }
  console.log(JSON.stringify(regex && texts.map((text) => regex.test(text))));
}
"""
ATOMS = [
    *[
        "a",
        "b",
        "Z",
        "0",
        "_",
        "-",
        " ",
        "é",
        "😀",
        ".",
        "^",
        "$",
        r"\b",
        r"\d",
        r"\D",
        r"\w",
        r"\W",
        r"\s",
        r"\S",
        r"\t",
        r"\.",
        r"\/",
        r"\x41",
    ],
    *[r"\u0041", r"\u{1F600}", r"\ud83d\ude00", r"\cJ", r"\0", r"\p{Lu}", r"\P{L}", r"\p{Script=Greek}", "[]", "[^]", "[abc]", "[^a-c]"],
    *[
        r"[\d_]",
        r"[\w.]",
        r"[\]a]",
        r"[a\-z]",
        "[é-ü]",
        r"[^\s]",
        r"[\p{L}\d]",
        "[&&a]",
        "[a~~b]",
        r"[\b]",
        "[.]",
        "[(]",
        r"[\u{1F600}-\u{1F64F}]",
    ],
    # Broken ones, as far as both must say so.
    *["(", ")", "[", "]", "{", "}", "*", r"\a", r"\u{110000}", "[b-a]", "(?P<n>a)", "(?#a)", r"\k<n>", r"\1", r"\p{Nope}"],
]
QUANTIFIERS = ["", "", "", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?", "{2,1}"]
CHARACTERS = [
    "a",
    "b",
    "c",
    "Z",
    "0",
    "7",
    "_",
    "-",
    " ",
    ".",
    "\n",
    "\r",
    "\u2028",
    "\ufeff",
    "é",
    "ü",
    "Ω",
    "😀",
    "\u0660",
    "/",
    "\t",
    "\b",
    "(",
    "]",
    "&",
    "~",
    "A",
]
# Patterns that JavaScript accepts and a contract refuses, because no engine matches them in linear time.
REFUSED_ON_PURPOSE = (r"\1", r"\k<")


def _pattern(source: random.Random, depth: int = 0) -> str:
    parts: list[str] = []
    for _ in range(source.randint(1, 4)):
        if depth < 3 and source.random() < 0.2:
            opening = source.choice(["(", "(?:", f"(?<g{source.randint(0, 99)}>"])
            atom = opening + _pattern(source, depth + 1) + ")"
        elif depth < 3 and source.random() < 0.1:
            atom = _pattern(source, depth + 1) + "|" + _pattern(source, depth + 1)
        else:
            # Broken atoms are at the end of the list; most patterns should be valid.
            atom = source.choice(ATOMS if source.random() < 0.1 else ATOMS[:-15])
        parts.append(atom + source.choice(QUANTIFIERS))
    return "".join(parts)


def _text(source: random.Random) -> str:
    return "".join(source.choices(CHARACTERS, k=source.randint(0, 6)))


@pytest.mark.skipif(NODE is None, reason="no JavaScript engine to ask")
def test_patterns_match_as_in_javascript() -> None:
    """A pattern is valid for both or neither, and matches the same texts."""
    assert NODE is not None
    source = random.Random(8785)  # noqa: S311 - the same patterns each time
    cases = [(_pattern(source), [_text(source) for _ in range(20)]) for _ in range(4_000)]
    lines = "\n".join(json.dumps(case) for case in cases)
    judged = subprocess.run([NODE, "-e", JUDGE], input=lines, capture_output=True, text=True, check=True)
    verdicts = [json.loads(line) for line in judged.stdout.splitlines()]
    compared = 0
    for (pattern, texts), expected in zip(cases, verdicts, strict=True):
        try:
            contract = Contract.compile({"pattern": pattern})
        except ContractError:
            assert expected is None or any(mark in pattern for mark in REFUSED_ON_PURPOSE), pattern
            continue
        assert expected is not None, pattern
        for text, matches in zip(texts, expected, strict=True):
            assert contract.is_valid(json.dumps(text).encode()) == matches, (pattern, text)
            compared += 1
    assert compared > 20_000, "too few patterns were whole"
