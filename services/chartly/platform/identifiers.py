"""Ids: a prefix for the kind of thing, then a ULID, so that ids sort by time and don't depend on a machine.

Record ids are not made here; they are digests of the records' content.
"""

import secrets
from datetime import datetime

# Crockford's base 32, as in the ULID specification: no I, L, O, U.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARACTERS = 26
_RANDOM_BITS = 80


def new_id(prefix: str, now: datetime) -> str:
    """Return ``<prefix>_`` and 26 characters: 48 bits of milliseconds and 80 random bits."""
    number = (int(now.timestamp() * 1000) << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    characters = [_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(_CHARACTERS))]
    return f"{prefix}_{''.join(characters).lower()}"
