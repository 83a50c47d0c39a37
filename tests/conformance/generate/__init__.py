"""Hypothesis strategies for JSON texts, records, profiles and contracts, valid and invalid.

They decide nothing: the reference and the core decide the outcome of each drawn value.
"""

from hypothesis import settings


def examples(count: int) -> settings:
    """Set the number of examples of a test; a search has more."""
    return settings(max_examples=max(count, settings().max_examples))
