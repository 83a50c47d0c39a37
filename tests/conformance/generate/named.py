"""Strategies that are created once and print as their name.

Hypothesis prints a strategy in its reports; the text of one for JSON values has 50 kB and takes longer than drawing from it.
"""

from collections.abc import Callable
from functools import cache
from typing import ParamSpec, TypeVar, cast

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

P = ParamSpec("P")
T = TypeVar("T")


def named(make: Callable[P, SearchStrategy[T]]) -> Callable[P, SearchStrategy[T]]:
    """Create a strategy on first use, once for the same arguments."""

    @cache
    def once(*args: P.args, **kwargs: P.kwargs) -> SearchStrategy[T]:
        strategy = make(*args, **kwargs)

        def drawn(draw: st.DrawFn) -> T:
            return draw(strategy)

        drawn.__name__ = make.__name__
        return st.composite(drawn)()

    return cast("Callable[P, SearchStrategy[T]]", once)
