"""The filter of a listing: ``field=value`` terms joined by `` AND ``. It parses; the store compares."""

from typing import NamedTuple

from chartly.storage.errors import BadFilter

# More terms than columns of most datasets; each is a comparison per row.
TERMS_MAX = 16


class Term(NamedTuple):
    """One equality, compared as text."""

    field: str
    value: str


def parse_filter(text: str) -> tuple[Term, ...]:
    """Read a filter; an empty one has no terms.

    Raises:
        BadFilter: a term has no ``=`` or no field, a field comes twice, or there are too many.
    """
    if not text.strip():
        return ()
    terms: list[Term] = []
    for part in text.split(" AND "):
        field, equals, value = part.strip().partition("=")
        if not equals or not field.strip():
            raise BadFilter(f"term {len(terms) + 1} is not field=value")
        terms.append(Term(field.strip(), value.strip()))
    if len(terms) > TERMS_MAX:
        raise BadFilter(f"more than {TERMS_MAX} terms")
    if len({term.field for term in terms}) != len(terms):
        raise BadFilter("a field is named twice")
    return tuple(terms)
