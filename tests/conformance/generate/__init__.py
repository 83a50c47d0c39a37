"""Hypothesis strategies for JSON texts, records, profiles and contracts, sound and broken.

They decide nothing: what becomes of what they draw is the reference's and the core's to say.
"""

from hypothesis import settings


def examples(count: int) -> settings:
    """Ask for so many examples of a test; for more in a search."""
    return settings(max_examples=max(count, settings().max_examples))
