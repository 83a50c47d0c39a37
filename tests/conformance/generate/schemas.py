"""JSON Schemas of the keywords that a contract uses most.

Most of them refuse most values; contracts that mostly fit are drawn in ``profiles``.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from . import paths
from .named import named


@named
def schemas() -> SearchStrategy[dict[str, Any]]:
    """Draw a JSON Schema of the keywords that a contract uses most."""
    kinds = st.sampled_from(["string", "number", "integer", "boolean", "null", "array", "object"])
    bound = st.sampled_from([0, 1, -1, 2, 0.5, 100, 1e21])
    keywords: dict[str, SearchStrategy[Any]] = {
        "type": kinds | st.lists(kinds, min_size=1, max_size=3, unique=True),
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 21),
        "pattern": st.sampled_from(["^[A-Z]+$", "a", "^$", "^[0-9]{4}-"]),
        "format": st.just("date-time"),
        "minimum": bound,
        "maximum": bound,
        "exclusiveMinimum": bound,
        "exclusiveMaximum": bound,
        "multipleOf": st.sampled_from([1, 0.01, 0.1, 2, 1e-7, 3]),
        "enum": st.lists(st.sampled_from([None, True, 0, 1, 1.5, "", "a", "19.99", [], [1], {}]), min_size=1, max_size=3),
        "const": st.sampled_from([None, False, 0, "x", [1]]),
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(0, 3),
        "uniqueItems": st.just(value=True),
        "minProperties": st.integers(0, 2),
        "required": st.lists(st.sampled_from(paths.NAMES), max_size=2, unique=True),
        "propertyNames": st.just({"maxLength": 1}),
    }
    flat = st.lists(st.sampled_from(sorted(keywords)), max_size=2, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({keyword: keywords[keyword] for keyword in chosen})
    )

    def deeper(inner: SearchStrategy[dict[str, Any]]) -> SearchStrategy[dict[str, Any]]:
        several = st.lists(inner, min_size=1, max_size=2)
        by_name = st.dictionaries(st.sampled_from(paths.NAMES), inner, max_size=2)
        nested = st.fixed_dictionaries(
            {}, optional={"items": inner, "properties": by_name, "additionalProperties": inner | st.just(value=False)}
        )
        combined = st.fixed_dictionaries(
            {}, optional={"anyOf": several, "oneOf": several, "allOf": several, "not": inner, "contains": inner}
        )
        return st.tuples(flat, nested | combined).map(lambda pair: {**pair[0], **pair[1]})

    return st.recursive(flat, deeper, max_leaves=4)
