"""Ops that choose a value (tables, lists, booleans, concat), compared with Python's dicts and sets."""

import json
from typing import Any, TypeAlias

import rfc8785
from generate import examples
from hypothesis import given
from hypothesis import strategies as st
from ops import FAILED, apply

Scalar: TypeAlias = str | float | bool

REFUSED = "POLICY_VIOLATION"
# Few values, so that hits are as frequent as misses; numbers that are texts' and booleans' doubles among them.
SCALARS = st.sampled_from([*("", "a", "b", "1", "true", "1.5", "é"), *(1, 0, 1.5, -2, 1e21), *(True, False)])
VALUES = st.lists(SCALARS, min_size=1, max_size=12)
LISTS = st.lists(SCALARS, min_size=1, max_size=6)
STRUCTURES = ["[]", '["a"]', "{}", '{"a": 1}']


def text_of(value: Scalar) -> str:
    """Return a scalar as ``toString`` writes it, with numbers by RFC 8785."""
    return value if isinstance(value, str) else rfc8785.dumps(value).decode()


def kind_of(value: Scalar) -> tuple[str, Scalar]:
    """Return a key that distinguishes scalars: a number never equals a text, nor a boolean a number."""
    return ("boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "number", value)


def written(values: list[Scalar]) -> list[str]:
    """Return values as JSON."""
    return [json.dumps(value) for value in values]


def expected(values: list[Any]) -> list[tuple[str, Any]]:
    """Return results in a form that can be compared by kind."""
    return [value if isinstance(value, tuple) else ("none", None) if value is None else kind_of(value) for value in values]


@examples(60)
@given(VALUES, LISTS)
def test_allowed_values_pass(values: list[Scalar], listed: list[Scalar]) -> None:
    """``allowValues`` accepts values of its list, by kind and value; ``denyValues`` refuses them."""
    known = {kind_of(each) for each in listed}
    allowed = [value if kind_of(value) in known else (REFUSED,) for value in values]
    denied = [(REFUSED,) if kind_of(value) in known else value for value in values]

    assert expected(apply({"op": "allowValues", "values": listed}, written(values))) == expected(allowed)
    assert expected(apply({"op": "denyValues", "values": listed}, written(values))) == expected(denied)


def test_structures_are_in_no_list() -> None:
    """``allowValues`` refuses maps and lists, and so does ``denyValues``."""
    assert apply({"op": "allowValues", "values": ["a", 1]}, STRUCTURES) == [(REFUSED,)] * 4
    assert apply({"op": "denyValues", "values": ["a", 1]}, STRUCTURES) == [(FAILED,)] * 4


@examples(60)
@given(VALUES, st.dictionaries(st.sampled_from(["", "a", "1", "true", "1.5", "1e+21"]), SCALARS, min_size=1))
def test_lookup_is_a_dict_over_texts(values: list[Scalar], table: dict[str, Scalar]) -> None:
    """Keys are texts as ``toString`` writes them; each rule for a missing key has its own result."""
    keys = [text_of(value) for value in values]
    hit_or = {
        "fail": [table.get(key, (FAILED,)) for key in keys],
        "keep": [table.get(key, value) for key, value in zip(keys, values, strict=True)],
        "drop": [table.get(key) for key in keys],
    }
    for otherwise, found in hit_or.items():
        assert expected(apply({"op": "lookup", "table": table, "otherwise": otherwise}, written(values))) == expected(found)
    assert expected(apply({"op": "lookup", "table": table, "default": "?"}, written(values))) == expected(
        [table.get(key, "?") for key in keys]
    )


@examples(60)
@given(VALUES, LISTS, LISTS)
def test_booleans_are_what_the_lists_say(values: list[Scalar], true_values: list[Scalar], false_values: list[Scalar]) -> None:
    """``toBoolean`` accepts booleans, the two words and the named values; nothing else."""
    meaning = {kind_of(each): True for each in true_values}
    false_only = [
        each for each in false_values if kind_of(each) not in meaning and kind_of(each) not in {("boolean", True), ("text", "true")}
    ]
    true_only = [each for each in true_values if kind_of(each) not in {("boolean", False), ("text", "false")}]
    meaning = {kind_of(each): True for each in true_only} | {kind_of(each): False for each in false_only}
    meaning |= {("text", "true"): True, ("text", "false"): False, ("boolean", True): True, ("boolean", False): False}
    op = {"op": "toBoolean", **({"trueValues": true_only} if true_only else {}), **({"falseValues": false_only} if false_only else {})}

    assert expected(apply(op, written(values))) == expected([meaning.get(kind_of(value), (FAILED,)) for value in values])


@examples(60)
@given(VALUES, st.none() | SCALARS, st.none() | SCALARS, st.sampled_from(["", "-", " / "]))
def test_concatenation_is_a_join_of_what_is_there(
    values: list[Scalar], second: Scalar | None, third: Scalar | None, separator: str
) -> None:
    """``concat`` skips absent values."""
    rest = [text_of(each) for each in (second, third) if each is not None]
    joined = [separator.join([text_of(value), *rest]) for value in values]
    op = {"op": "concat", "fields": ["w", "x"], "separator": separator}

    assert apply(op, written(values), others={"w": json.dumps(second), "x": json.dumps(third)}) == joined


@examples(60)
@given(st.lists(st.integers(-(2**53), 2**53) | st.sampled_from([0.5, -0.25, -19.99, 1e-7, -1e300]), min_size=1, max_size=12))
def test_size_is_without_its_sign(numbers: list[float]) -> None:
    """``abs`` equals Python's."""
    assert apply({"op": "abs"}, [json.dumps(number) for number in numbers]) == [abs(number) for number in numbers]


def test_what_is_dropped_is_gone() -> None:
    """``drop`` removes any value."""
    assert apply({"op": "drop"}, ['"a"', "1", "false", *STRUCTURES]) == [None] * 7
