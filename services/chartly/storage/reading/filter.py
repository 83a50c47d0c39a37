"""The filter of a listing: ``field=value`` terms joined by `` AND ``. It parses; the store compares."""

import re
from collections.abc import Iterator
from itertools import count, islice
from typing import NamedTuple

from chartly.storage.errors import BadFilter

# More terms than columns of most datasets; each is a comparison per row.
TERMS_MAX = 16

# A value may stand in quotes, of either kind as in AIP-160; there a backslash takes the next character as it is.
_TERM = re.compile(
    r"""(?P<field>[^=]*)=\s*
    (?: (?P<quote>["']) (?P<quoted>(?:\\.|(?!(?P=quote))[^\\])*) (?P=quote)\s* | (?P<bare>(?!["']).*?) )
    (?P<and>\ AND\ |$)""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Term(NamedTuple):
    """One equality, compared as text."""

    field: str
    value: str


def parse_filter(text: str) -> tuple[Term, ...]:
    """Read a filter; an empty one has no terms.

    Raises:
        BadFilter: a term has no ``=`` or no field, a quote isn't closed, a field comes twice, or there are too many.
    """
    if not text.strip():
        return ()
    terms = tuple(islice(_terms(text), TERMS_MAX + 1))
    if len(terms) > TERMS_MAX:
        raise BadFilter(f"more than {TERMS_MAX} terms")
    if len({term.field for term in terms}) != len(terms):
        raise BadFilter("a field is named twice")
    return terms


def _terms(text: str) -> Iterator[Term]:
    at = 0
    for number in count(1):
        found = _TERM.match(text, at)
        if found is None or not found["field"].strip():
            raise BadFilter(f"term {number} is not field=value")
        value = found["bare"].strip() if found["quoted"] is None else _ESCAPED.sub(r"\1", found["quoted"])
        yield Term(found["field"].strip(), value)
        if not found["and"]:
            return
        at = found.end()
