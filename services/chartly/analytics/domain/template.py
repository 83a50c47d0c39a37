"""Turns a rollup's query template into SQL: names become fixed identifiers, instants become parameters. Pure; no value becomes SQL text."""

import re

from chartly.analytics.errors import ProfileUnusable

INPUT = "chartly_input"
"""The table that replaces ``{{dataset}}``."""

_PLACEHOLDER = re.compile(r"\{\{[ \t]*([^{}\n]*?)[ \t]*\}\}")
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


def column_in_template(text: str, line: int, column: int) -> int:
    """Return the column in the template of a place in its SQL; the first one of a placeholder for a place within its replacement.

    Args:
        text: the template.
        line: the line, from 1, which is the same in both.
        column: the column in the SQL, from 1.
    """
    lines = text.split("\n")
    shift = 0
    for found in _PLACEHOLDER.finditer(lines[line - 1] if line <= len(lines) else ""):
        made = len(_meaning(found[1]))
        begin = found.start() + 1 + shift
        if column < begin:
            break
        if column < begin + made:
            return found.start() + 1
        shift += made - len(found[0])
    return column - shift


def _meaning(name: str) -> str:
    return f'"{INPUT}"' if name == "dataset" else f"CAST(${name} AS TIMESTAMPTZ)"
