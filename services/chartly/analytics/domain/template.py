"""A rollup's query template becomes SQL: names are identifiers of ours, instants are parameters. Pure; no value is ever pasted."""

import re

from chartly.analytics.errors import ProfileUnusable

INPUT = "chartly_input"
"""The table that ``{{dataset}}`` stands for."""

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_INSTANTS = frozenset({"window_start", "window_end"})


def bind(text: str) -> tuple[str, frozenset[str]]:
    """Give the SQL, and the names of the parameters it takes: ``window_start`` (included) and ``window_end`` (excluded).

    Raises:
        ProfileUnusable: the text has another placeholder, or doesn't read its dataset.
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
