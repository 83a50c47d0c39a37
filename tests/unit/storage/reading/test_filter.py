"""Filters of lists."""

import pytest

from chartly.storage.errors import BadFilter
from chartly.storage.reading.filter import TERMS_MAX, Term, parse_filter


def test_filter_terms() -> None:
    """A filter is split at AND, and a term at its first equals sign."""
    assert parse_filter("a=1 AND b=x=y") == (Term("a", "1"), Term("b", "x=y"))
    assert parse_filter("  ") == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('a="USD"', "USD"),
        ("a = 'USD' ", "USD"),
        ('a=" x AND y=1 "', " x AND y=1 "),
        (r'a="say \"no\" \\"', 'say "no" \\'),
        ("a='it is \"so\"'", 'it is "so"'),
        ('a=""', ""),
        ('a=5" pipe', '5" pipe'),
    ],
)
def test_filter_value_may_be_quoted(text: str, value: str) -> None:
    """A value may have either kind of quotes; a quote within an unquoted value is part of it."""
    assert parse_filter(text) == (Term("a", value),)
    assert parse_filter(f"{text} AND b=2") == (Term("a", value), Term("b", "2"))


@pytest.mark.parametrize("text", ["a", "=1", 'a="x', 'a="x" y', "a=1 AND a=2", " AND ".join(f"f{n}=1" for n in range(TERMS_MAX + 1))])
def test_filter_that_breaks_a_rule(text: str) -> None:
    """A missing equals sign or field, an unclosed quote, a repeated field and too many terms are refused."""
    with pytest.raises(BadFilter):
        parse_filter(text)
