"""Turns a rollup's query template into SQL: names become fixed identifiers, instants become parameters. Pure; no value becomes SQL text."""

import re

from chartly.analytics.errors import ProfileUnusable

INPUT = "chartly_input"
"""The table that replaces ``{{dataset}}``."""

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_INSTANTS = frozenset({"window_start", "window_end"})


def bind(text: str) -> tuple[str, frozenset[str]]:
    """Return the SQL and the names of its parameters: ``window_start`` (included) and ``window_end`` (excluded).

    Raises:
        ProfileUnusable: the text has an unknown placeholder, or does not read its dataset.
    """
    names = frozenset(_PLACEHOLDER.findall(text))
    unknown = sorted(names - _INSTANTS - {"dataset"})
    if unknown:
        raise ProfileUnusable(f"queryTemplate has the unknown placeholder {unknown[0]}")
    if "dataset" not in names:
        raise ProfileUnusable("queryTemplate does not read {{dataset}}")
    return _PLACEHOLDER.sub(lambda found: _meaning(found[1]), text), names & _INSTANTS


def _meaning(name: str) -> str:
    return f'"{INPUT}"' if name == "dataset" else f"CAST(${name} AS TIMESTAMPTZ)"
