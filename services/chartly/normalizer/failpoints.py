"""A chunk's named points on its way through the normalizer (``platform/failpoints.py``)."""

from enum import StrEnum


class NormalizerFailpoint(StrEnum):
    """Each is reached when what its name says has happened, and nothing of the next."""

    CHUNK_STAGED = "chunk_staged"
    """The plan's files are written; storage isn't asked to commit them."""
    CHUNK_COMMITTED = "chunk_committed"
    """Storage has committed the chunk; the caller has no answer."""
